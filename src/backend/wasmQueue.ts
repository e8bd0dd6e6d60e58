/** The memory queue on WASM: linear buffers of the newest C segments and of the run that is being read. */

import { fromFloat16, toFloat16 } from '../float16'
import { normalise } from '../normalise'
import type { Advance, Dimensions, Queue, QueueState, Readings } from './backend'
import type { WasmReadings } from './wasm'
import type { Head } from './wasmHead'

/** Segments the buffers have room for besides the queue: the most that are represented at once. */
export const ROOM = 64

const SEGMENT = 0n
const QUERY = 1n

const projections = ['update_key', 'update_value', 'key0', 'value0', 'key1', 'value1', 'context_key'] as const
/** What is kept of each pushed segment, [C + ROOM, K, d]; context_key and context_value (p) are [C + ROOM, d]. */
const names = [...projections, 'context_value'] as const
type Name = (typeof names)[number]
type Buffers = Record<Name, Float32Array>

/** What makes latents of memory rows, as WasmUpdate.run does. */
export interface Update {
  run(
    rows: Float32Array,
    keys: Float32Array,
    values: Float32Array,
    step: number,
  ): Float32Array | Promise<Float32Array>
}

/** Where the queue is: slots [start, start + C) of the buffers, the segments of steps [step - C, step). */
interface Place {
  start: number
  step: number
}

/** The queue moves on through its buffers, and back to their front when they are full. Negative steps are empty. */
export class WasmQueue implements Queue {
  private committed: Place
  /** The committed queue, once the buffers no longer hold it: [C, ...] of each. */
  private saved?: Buffers

  private constructor(
    private readonly head: Head,
    private readonly update: Update,
    private readonly dimensions: Dimensions,
    private readonly buffers: Buffers,
    private place: Place,
  ) {
    this.committed = place
  }

  static async open(
    head: Head,
    update: Update,
    dimensions: Dimensions,
    { step, latents, statics }: QueueState,
  ): Promise<WasmQueue> {
    const { C, K, d } = dimensions
    const slots = (width: number) => new Float32Array((C + ROOM) * width)
    const buffers = { context_value: slots(d), context_key: slots(d) } as Buffers
    for (const name of projections) buffers[name] ??= slots(K * d)
    const queue = new WasmQueue(head, update, dimensions, buffers, { start: 0, step })
    const held = Math.min(step, C)
    if (held) await queue.push(fromFloat16(latents), statics, C - held, held)
    return queue
  }

  get step(): number {
    return this.place.step
  }

  async advance(readings: Readings, from: number, to: number): Promise<Advance> {
    const { K, d, m } = this.dimensions
    const { static: statics, row: rows } = readings as WasmReadings
    const latents = new Uint16Array((to - from) * K * d)
    const embeddings = new Float32Array((to - from) * (2 * d + m))
    for (let start = from; start < to; start += ROOM) {
      const stop = Math.min(start + ROOM, to)
      const run = await this.read(
        statics.subarray(start * d, stop * d),
        rows.subarray(start * K * d, stop * K * d),
      )
      latents.set(run.latents, (start - from) * K * d)
      embeddings.set(run.embeddings, (start - from) * (2 * d + m))
    }
    return { latents, embeddings }
  }

  commit(): void {
    this.committed = this.place
    this.saved = undefined
  }

  rollback(): void {
    this.place = this.committed
    if (!this.saved) return
    for (const name of names) this.buffers[name].set(this.saved[name])
    this.place = this.committed = { start: 0, step: this.committed.step }
    this.saved = undefined
  }

  represent(queries: Readings): Promise<Float32Array> {
    return this.embed((queries as WasmReadings).static, QUERY, this.dimensions.C)
  }

  close(): void {}

  /** Reads up to ROOM segments. */
  private async read(statics: Float32Array, rows: Float32Array): Promise<Advance> {
    const { C, K, d } = this.dimensions
    const count = statics.length / d
    this.makeRoom(count)
    const { start, step } = this.place
    const { update_key, update_value, context_value } = this.buffers
    const window = [start * K * d, (start + C + count) * K * d]
    const latents = await this.update.run(
      rows,
      update_key.subarray(...window),
      update_value.subarray(...window),
      step,
    )
    await this.push(latents, normalise(statics, d), start + C, count)
    const embeddings = await this.embed(statics, SEGMENT, C + count)
    // The static embedding as stored, to the last bit, so that a memory opened again goes on as this one does.
    for (let i = 0; i < count; i++) {
      const first = (i * embeddings.length) / count
      context_value.set(embeddings.subarray(first, first + d), (start + C + i) * d)
    }
    this.place = { start: start + count, step: step + count }
    return { latents: toFloat16(latents), embeddings }
  }

  /** Puts what is kept of `count` segments into slots from `slot` on. */
  private async push(
    latents: Float32Array,
    statics: Float32Array,
    slot: number,
    count: number,
  ): Promise<void> {
    const { K, d } = this.dimensions
    const projected = await this.head.run('project', { latents: [latents, [count, K, d]] })
    for (const name of projections)
      this.buffers[name].set(projected[name], (slot * projected[name].length) / count)
    this.buffers.context_value.set(statics, slot * d)
  }

  /** Vectors [count, 2d + m] of segments that come one after another from this step on, or of queries at this step. */
  private async embed(statics: Float32Array, role: bigint, slots: number): Promise<Float32Array> {
    const { C, K, d } = this.dimensions
    const { start, step: now } = this.place
    const count = statics.length / d
    const step = new BigInt64Array(count)
    for (let i = 0; i < count; i++) step[i] = BigInt(role === SEGMENT ? now + i : now)
    const held = (name: Name, rows: number): [Float32Array, number[]] => [
      this.buffers[name].subarray(start * rows * d, (start + slots) * rows * d),
      [slots * rows, d],
    ]
    const { embedding } = await this.head.run('represent', {
      static: [statics, [count, d]],
      role: [new BigInt64Array(count).fill(role), [count]],
      step: [step, [count]],
      base: [BigInt64Array.of(BigInt(now - C)), []],
      key0: held('key0', K),
      value0: held('value0', K),
      key1: held('key1', K),
      value1: held('value1', K),
      context_key: held('context_key', 1),
      context_value: held('context_value', 1),
    })
    return embedding
  }

  /** Moves the queue to the front of the buffers when `count` more segments would not fit behind it. */
  private makeRoom(count: number): void {
    const { C } = this.dimensions
    const { start, step } = this.place
    if (start + count <= ROOM) return
    const committed = this.committed === this.place
    if (!committed) this.saved ??= this.copy(this.committed.start)
    for (const name of names) {
      const width = this.buffers[name].length / (C + ROOM)
      this.buffers[name].copyWithin(0, start * width, (start + C) * width)
    }
    this.place = { start: 0, step }
    if (committed) this.committed = this.place
  }

  private copy(start: number): Buffers {
    const { C } = this.dimensions
    const copies = {} as Buffers
    for (const name of names) {
      const width = this.buffers[name].length / (C + ROOM)
      copies[name] = this.buffers[name].slice(start * width, (start + C) * width)
    }
    return copies
  }
}
