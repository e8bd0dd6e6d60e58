/** The memory queue on WASM: linear buffers of the newest C segments and of the run that is being read. */

import { fromFloat16, toFloat16 } from '../float16'
import { normalise } from '../normalise'
import type { Advance, Dimensions, Queue, QueueState, Readings } from './backend'
import type { WasmReadings } from './wasm'
import type { Head } from './wasmHead'

/** Segments the buffers have room for besides the queue: the most that are represented at once. */
const RUN = 64

const SEGMENT = 0n
const QUERY = 1n

const projections = ['update_key', 'update_value', 'key0', 'value0', 'key1', 'value1', 'context_key'] as const
/** What is kept of each pushed segment, [C + RUN, K, d]; context_key and context_value (p) are [C + RUN, d]. */
type Buffers = Record<(typeof projections)[number] | 'context_value', Float32Array>

/** Between calls, slot i of C holds the segment of step `step - C + i`; slots of negative step are empty. */
export class WasmQueue implements Queue {
  private committed?: { step: number; buffers: Buffers }

  private constructor(
    private readonly head: Head,
    private readonly dimensions: Dimensions,
    private readonly buffers: Buffers,
    private at: number,
  ) {}

  static async open(
    head: Head,
    dimensions: Dimensions,
    { step, latents, statics }: QueueState,
  ): Promise<WasmQueue> {
    const { C, K, d } = dimensions
    const slots = (width: number) => new Float32Array((C + RUN) * width)
    const buffers = { context_value: slots(d), context_key: slots(d) } as Buffers
    for (const name of projections) buffers[name] ??= slots(K * d)
    const queue = new WasmQueue(head, dimensions, buffers, step)
    const held = Math.min(step, C)
    if (held) await queue.push(fromFloat16(latents), statics, C - held, held)
    return queue
  }

  get step(): number {
    return this.at
  }

  async advance(readings: Readings, from: number, to: number): Promise<Advance> {
    const { K, d, m } = this.dimensions
    const { static: statics, row: rows } = readings as WasmReadings
    this.committed ??= this.snapshot()
    const latents = new Uint16Array((to - from) * K * d)
    const embeddings = new Float32Array((to - from) * (2 * d + m))
    for (let start = from; start < to; start += RUN) {
      const stop = Math.min(start + RUN, to)
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
    this.committed = undefined
  }

  rollback(): void {
    if (!this.committed) return
    for (const [name, values] of Object.entries(this.committed.buffers))
      this.buffers[name as keyof Buffers].set(values)
    this.at = this.committed.step
    this.committed = undefined
  }

  represent(queries: Readings): Promise<Float32Array> {
    return this.embed((queries as WasmReadings).static, QUERY, this.dimensions.C)
  }

  close(): void {}

  /** Reads up to RUN segments. */
  private async read(statics: Float32Array, rows: Float32Array): Promise<Advance> {
    const { C, K, d } = this.dimensions
    const count = statics.length / d
    const latents = new Float32Array(rows.length)
    for (let i = 0; i < count; i++) {
      const updated = await this.head.run('memory_update', {
        rows: [rows.subarray(i * K * d, (i + 1) * K * d), [K, d]],
        keys: [this.buffers.update_key.subarray(i * K * d, (i + C) * K * d), [C * K, d]],
        values: [this.buffers.update_value.subarray(i * K * d, (i + C) * K * d), [C * K, d]],
        count: [BigInt64Array.of(BigInt(Math.min(this.at + i, C))), []],
      })
      latents.set(updated.latents, i * K * d)
      this.buffers.update_key.set(updated.key, (C + i) * K * d)
      this.buffers.update_value.set(updated.value, (C + i) * K * d)
    }
    await this.push(latents, normalise(statics, d), C, count)
    const embeddings = await this.embed(statics, SEGMENT, C + count)
    // The static embedding as stored, to the last bit, so that a memory opened again goes on as this one does.
    for (let i = 0; i < count; i++) {
      const start = (i * embeddings.length) / count
      this.buffers.context_value.set(embeddings.subarray(start, start + d), (C + i) * d)
    }
    this.slide(count)
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
    const count = statics.length / d
    const step = new BigInt64Array(count)
    for (let i = 0; i < count; i++) step[i] = BigInt(role === SEGMENT ? this.at + i : this.at)
    const latents = (name: keyof Buffers): [Float32Array, number[]] => [
      this.buffers[name].subarray(0, slots * K * d),
      [slots * K, d],
    ]
    const context = (name: keyof Buffers): [Float32Array, number[]] => [
      this.buffers[name].subarray(0, slots * d),
      [slots, d],
    ]
    const { embedding } = await this.head.run('represent', {
      static: [statics, [count, d]],
      role: [new BigInt64Array(count).fill(role), [count]],
      step: [step, [count]],
      base: [BigInt64Array.of(BigInt(this.at - C)), []],
      key0: latents('key0'),
      value0: latents('value0'),
      key1: latents('key1'),
      value1: latents('value1'),
      context_key: context('context_key'),
      context_value: context('context_value'),
    })
    return embedding
  }

  /** The newest C segments move to the front. */
  private slide(count: number): void {
    const { C } = this.dimensions
    for (const buffer of Object.values(this.buffers)) {
      const width = buffer.length / (C + RUN)
      buffer.copyWithin(0, count * width, (count + C) * width)
    }
    this.at += count
  }

  private snapshot() {
    const { C } = this.dimensions
    const entries = Object.entries(this.buffers).map(([name, buffer]) => [
      name,
      buffer.slice(0, (buffer.length / (C + RUN)) * C),
    ])
    return { step: this.at, buffers: Object.fromEntries(entries) as Buffers }
  }
}
