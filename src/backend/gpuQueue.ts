/** A memory queue on the GPU: keys and values of the newest segments in linear buffers. */

import { unpad } from '../batches'
import { fromFloat16, toFloat16 } from '../float16'
import {
  projectedWidth,
  type Advance,
  type Keep,
  type Queue,
  type QueueState,
  type Readings,
  type TokenBatch,
} from './backend'
import type { Batch, Gpu } from './gpu'
import { blocks, rowsOf, type GpuHead, type Pushed, type Rows } from './gpuHead'

/** Segments in one command buffer. */
const CHUNK = 64

/** Values of each token of a batch, [B, columns, width]. */
interface TokenValues {
  tokens: TokenBatch
  buffer: GPUBuffer
}

/** What was read of texts, on the GPU. */
export class GpuReadings implements Readings {
  /** [count, d], unnormalised. */
  readonly static: GPUBuffer
  /** [count, K, d]: what the memory rows are made of, when they are asked for. */
  readonly summaries: GPUBuffer
  /** Of each batch, [B, columns, t + 2]. */
  private readonly projected: TokenValues[] = []
  /** Of each batch, the middle states of its tokens [B, columns, d], if they are kept. */
  private readonly middle: TokenValues[] = []
  readonly keeps: boolean

  constructor(
    private readonly gpu: Gpu,
    private readonly head: GpuHead,
    readonly count: number,
    { states = false }: Keep = {},
  ) {
    const { d, K } = head.dimensions
    this.static = gpu.take(count * d * 4)
    this.summaries = gpu.take(count * K * d * 4)
    this.keeps = states
  }

  async statics(): Promise<Float32Array> {
    const count = this.count * this.head.dimensions.d
    const [statics] = await this.gpu.batch().submit({ buffer: this.static, count })
    return statics
  }

  async rows(): Promise<Float32Array> {
    const batch = this.gpu.batch()
    const { buffer, count } = this.memoryRows(batch, 0, this.count)
    const [rows] = await batch.submit({ buffer, count: count * this.head.dimensions.d })
    return rows
  }

  async late(): Promise<Float32Array[]> {
    return this.readBack(this.projected, projectedWidth(this.head.dimensions.t))
  }

  async states(): Promise<Float32Array[]> {
    if (!this.keeps) throw new Error('these readings keep no token states')
    return this.readBack(this.middle, this.head.dimensions.d)
  }

  /** Room for a batch's tokens as projected, [B, columns, t + 2]. */
  takeLate(tokens: TokenBatch): GPUBuffer {
    return this.take(this.projected, tokens, projectedWidth(this.head.dimensions.t))
  }

  /** Keeps middle states of tokens [B, columns, d], which may lie in a larger buffer. */
  keepStates(batch: Batch, states: GPUBuffer, tokens: TokenBatch) {
    const { d } = this.head.dimensions
    batch.copy(states, this.take(this.middle, tokens, d), tokens.ids.length * d)
  }

  /** Memory rows of readings [from, to). */
  memoryRows(batch: Batch, from: number, to: number): Rows {
    const { K } = this.head.dimensions
    return this.head.memoryRows(batch, rowsOf(this.summaries, (to - from) * K, from * K))
  }

  release() {
    const ofTokens = [...this.projected, ...this.middle]
    this.gpu.release(this.static, this.summaries, ...ofTokens.map(({ buffer }) => buffer))
  }

  private take(list: TokenValues[], tokens: TokenBatch, width: number): GPUBuffer {
    const buffer = this.gpu.take(tokens.ids.length * width * 4)
    list.push({ tokens, buffer })
    return buffer
  }

  /** Of each reading, its tokens' values [tokens, width]. */
  private async readBack(list: TokenValues[], width: number): Promise<Float32Array[]> {
    const wanted = list.map(({ tokens, buffer }) => ({ buffer, count: tokens.ids.length * width }))
    const values = await this.gpu.batch().submit(...wanted)
    const byReading: Float32Array[] = []
    list.forEach(({ tokens }, i) => unpad(values[i], tokens, width, byReading))
    return byReading
  }
}

export class GpuQueue implements Queue {
  /** Segments the buffers have room for, from segment `pushed.base` on. */
  private readonly room: number
  private pushed: Pushed
  private committed: number
  /** What a rollback needs, where `pushed` has moved on. */
  private saved?: Pushed

  private constructor(
    private readonly gpu: Gpu,
    private readonly head: GpuHead,
    public step: number,
  ) {
    const { C } = head.dimensions
    this.committed = step
    this.room = C + CHUNK
    this.pushed = this.allocate(Math.max(0, step - C))
  }

  static async open(gpu: Gpu, head: GpuHead, state: QueueState): Promise<GpuQueue> {
    const queue = new GpuQueue(gpu, head, state.step)
    const { d, K } = head.dimensions
    const count = state.step - queue.pushed.base
    if (count > 0) {
      const batch = gpu.batch()
      const latents = rowsOf(batch.upload(fromFloat16(state.latents)), count * K)
      gpu.device.queue.writeBuffer(queue.pushed.statics, 0, new Float32Array(state.statics), 0, count * d)
      head.keyValue(batch, 'update', latents, rowsOf(queue.pushed.keyValue.update, count * K))
      queue.push(batch, latents, 0)
      await batch.submit()
    }
    return queue
  }

  async advance(readings: GpuReadings, from: number, to: number): Promise<Advance> {
    const { d, K, m } = this.head.dimensions
    const latents = new Uint16Array((to - from) * K * d)
    const embeddings = new Float32Array((to - from) * (2 * d + m))
    for (let done = 0; from + done < to; done += CHUNK) {
      const chunk = await this.advanceChunk(readings, from + done, Math.min(from + done + CHUNK, to))
      latents.set(chunk.latents, done * K * d)
      embeddings.set(chunk.embeddings, done * (2 * d + m))
    }
    return { latents, embeddings }
  }

  commit() {
    this.committed = this.step
    if (this.saved) this.releaseBuffers(this.saved)
    this.saved = undefined
  }

  rollback() {
    this.step = this.committed
    if (!this.saved) return
    this.releaseBuffers(this.pushed)
    this.pushed = this.saved
    this.saved = undefined
  }

  async represent(queries: GpuReadings): Promise<Float32Array> {
    const { d, m } = this.head.dimensions
    const batch = this.gpu.batch()
    const buffer = this.head.queries(batch, rowsOf(queries.static, queries.count), this.step, this.pushed)
    const [embeddings] = await batch.submit({ buffer, count: queries.count * (2 * d + m) })
    return embeddings
  }

  close() {
    this.releaseBuffers(this.pushed)
    if (this.saved) this.releaseBuffers(this.saved)
  }

  private async advanceChunk(readings: GpuReadings, from: number, to: number): Promise<Advance> {
    const { d, K, m } = this.head.dimensions
    const count = to - from
    this.makeRoom(count)
    const slot = this.step - this.pushed.base
    const batch = this.gpu.batch()
    const statics = rowsOf(readings.static, count, from)
    this.head.normalize(batch, statics, rowsOf(this.pushed.statics, count, slot))
    const rows = readings.memoryRows(batch, from, to)
    const latents = this.head.update(batch, rows, this.step, this.pushed)
    this.push(batch, latents, slot)
    const embedding = this.head.segments(batch, statics, this.step, this.pushed)
    const [latentValues, embeddings] = await batch.submit(
      { buffer: latents.buffer, count: count * K * d },
      { buffer: embedding, count: count * (2 * d + m) },
    )
    this.step += count
    return { latents: toFloat16(latentValues), embeddings }
  }

  /** What later segments and queries read of latents [n * K, d], from buffer slot `slot` on. */
  private push(batch: Batch, latents: Rows, slot: number) {
    const { K } = this.head.dimensions
    for (const block of blocks.slice(1))
      this.head.keyValue(batch, block, latents, rowsOf(this.pushed.keyValue[block], latents.count, slot * K))
    this.head.contextKey(batch, latents.buffer, rowsOf(this.pushed.contextKey, latents.count / K, slot))
  }

  /** Moves the newest C segments to the front of other buffers; what a rollback could still need stays where it is. */
  private makeRoom(count: number) {
    const { d, K, C } = this.head.dimensions
    const old = this.pushed
    if (this.step + count <= old.base + this.room) return
    const base = Math.max(0, this.step - C)
    this.pushed = this.allocate(base)
    const encoder = this.gpu.device.createCommandEncoder()
    const move = (source: GPUBuffer, target: GPUBuffer, width: number) =>
      encoder.copyBufferToBuffer(
        source,
        (base - old.base) * width * 4,
        target,
        0,
        (this.step - base) * width * 4,
      )
    for (const block of blocks) move(old.keyValue[block], this.pushed.keyValue[block], K * 2 * d)
    move(old.contextKey, this.pushed.contextKey, d)
    move(old.statics, this.pushed.statics, d)
    this.gpu.device.queue.submit([encoder.finish()])
    if (this.step > this.committed && !this.saved) this.saved = old
    else this.releaseBuffers(old)
  }

  private allocate(base: number): Pushed {
    const { d, K } = this.head.dimensions
    const keyValue = () => this.gpu.take(this.room * K * 2 * d * 4)
    const vectors = () => this.gpu.take(this.room * d * 4)
    return {
      base,
      keyValue: { update: keyValue(), 'retriever.0': keyValue(), 'retriever.1': keyValue() },
      contextKey: vectors(),
      statics: vectors(),
    }
  }

  private releaseBuffers({ keyValue, contextKey, statics }: Pushed) {
    this.gpu.release(...Object.values(keyValue), contextKey, statics)
  }
}
