/** Listwise rerank of one query's top candidates: a small graph, once a query, on ONNX Runtime's WASM backend. */

import type { InferenceSession, Tensor } from 'onnxruntime-web'
import type { Candidates, Dimensions } from './backend/backend'
import { WEIGHTS } from './backend/files'
import type { Runtime } from './runtime'

export class Reranker {
  private constructor(
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
    private readonly dimensions: Dimensions,
  ) {}

  /** `graph`: the bytes of rerank.onnx; `weights`: those of head.safetensors, which it takes its weights from. */
  static async create(runtime: Runtime, graph: Uint8Array, weights: Uint8Array, dimensions: Dimensions) {
    const session = await runtime.InferenceSession.create(graph, {
      executionProviders: ['wasm'],
      externalData: [{ path: WEIGHTS, data: weights }],
    })
    return new Reranker(runtime, session, dimensions)
  }

  /** One score a candidate, [N]. */
  async run({
    scores,
    late,
    found,
    embeddings,
    latents,
    steps,
    query,
    trust,
    queryStep,
    queryRows,
    queryStates,
  }: Candidates): Promise<Float32Array> {
    const { d, K, m } = this.dimensions
    const N = scores.length
    const { reranked } = await this.session.run({
      score: this.float(scores, [N]),
      late: this.float(late, [N]),
      found: this.float(found, [2, N, queryStates.length / d]),
      embedding: this.float(embeddings, [N, 2 * d + m]),
      latent: this.float(latents, [N, d]),
      step: this.int64(steps, [N]),
      query: this.float(query, [2 * d + m]),
      trust: this.float(Float32Array.of(trust), []),
      query_step: this.int64([queryStep], []),
      query_rows: this.float(queryRows, [K, d]),
      query_states: this.float(queryStates, [queryStates.length / d, d]),
    })
    return reranked.data as Float32Array
  }

  async close(): Promise<void> {
    await this.session.release()
  }

  private float(values: Float32Array, shape: number[]): Tensor {
    return new this.runtime.Tensor('float32', values, shape)
  }

  private int64(values: ArrayLike<number>, shape: number[]): Tensor {
    return new this.runtime.Tensor('int64', BigInt64Array.from(Array.from(values), BigInt), shape)
  }
}
