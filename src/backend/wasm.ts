/** The device every browser has: ONNX graphs on ONNX Runtime's WASM backend, the update on WASM kernels of ours. */

import type { InferenceSession } from 'onnxruntime-web'
import { unpad } from '../batches'
import { Encoder } from '../encoder'
import { Reranker } from '../reranker'
import { loadRuntime, threads } from '../runtime'
import { parseSafetensors } from '../safetensors'
import {
  projectedWidth,
  type Backend,
  type Candidates,
  type Device,
  type Dimensions,
  type Keep,
  type QueueState,
  type Readings,
  type TokenBatch,
} from './backend'
import { ENCODER_WEIGHTS, ENCODERS, RERANK, WEIGHTS } from './files'
import { Head } from './wasmHead'
import { ROOM, WasmQueue } from './wasmQueue'
import { WasmUpdate } from './wasmUpdate'

export const wasm: Device = {
  name: 'wasm',
  files: [ENCODERS.wasm, ENCODER_WEIGHTS, WEIGHTS, ...Head.graphs, RERANK],
  async open(dimensions, files) {
    const runtime = await loadRuntime('wasm')
    const options: InferenceSession.SessionOptions = { executionProviders: ['wasm'] }
    const encoder = await Encoder.create(runtime, 'wasm', files)
    const head = await Head.create(runtime, files, options)
    const weights = files.get(WEIGHTS)!
    const reranker = await Reranker.create(runtime, files.get(RERANK)!, weights, dimensions)
    const update = new WasmUpdate(parseSafetensors(WEIGHTS, weights), dimensions, ROOM)
    return new WasmBackend(dimensions, head, update, encoder, reranker)
  },
}

class WasmBackend implements Backend {
  readonly device = 'wasm'
  readonly description = `WASM, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  /** `runTokens`: 300 texts one a run took 4.4 s, in 29 batches 3.4 s, 0.27 ms a token. */
  readonly batching = { mostTokens: 512, runTokens: 14 }
  readonly lost = new Promise<string>(() => {})

  constructor(
    readonly dimensions: Dimensions,
    private readonly head: Head,
    private readonly update: WasmUpdate,
    private readonly encoder: Encoder,
    private readonly reranker: Reranker,
  ) {}

  readings(count: number, keep?: Keep): Readings {
    return new WasmReadings(count, this.dimensions, keep)
  }

  async read(batch: TokenBatch, into: Readings): Promise<void> {
    const readings = into as WasmReadings
    const { states, middle, mask } = await this.encoder.run(batch, readings.keeps)
    const inputs = { token_states: states, attention_mask: mask }
    const { static: statics, rows, late } = await this.head.run('read', inputs)
    const { d, K, t } = this.dimensions
    unpad(late, batch, projectedWidth(t), readings.tokens)
    if (middle) unpad(middle.data as Float32Array, batch, d, readings.middle)
    batch.positions.forEach((position, row) => {
      readings.static.set(statics.subarray(row * d, (row + 1) * d), position * d)
      readings.row.set(rows.subarray(row * K * d, (row + 1) * K * d), position * K * d)
    })
  }

  openQueue(state: QueueState): Promise<WasmQueue> {
    return WasmQueue.open(this.head, this.update, this.dimensions, state)
  }

  rerank(candidates: Candidates): Promise<Float32Array> {
    return this.reranker.run(candidates)
  }

  async close() {
    await this.encoder.close()
    await this.head.close()
    await this.reranker.close()
  }
}

/** Readings where WASM wants them: in the worker's own memory. */
export class WasmReadings implements Readings {
  readonly static: Float32Array
  readonly row: Float32Array
  readonly tokens: Float32Array[] = []
  /** Middle states of tokens, if they are kept. */
  readonly middle: Float32Array[] = []
  readonly keeps: boolean

  constructor(
    readonly count: number,
    { d, K }: Dimensions,
    { states = false }: Keep = {},
  ) {
    this.static = new Float32Array(count * d)
    this.row = new Float32Array(count * K * d)
    this.keeps = states
  }

  async statics() {
    return this.static
  }

  async rows() {
    return this.row
  }

  async late() {
    return this.tokens
  }

  async states() {
    if (!this.keeps) throw new Error('these readings keep no token states')
    return this.middle
  }

  release() {}
}
