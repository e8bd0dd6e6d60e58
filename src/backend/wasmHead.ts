/** The head as ONNX graphs, but for the update: wasmUpdate.ts. */

import type { InferenceSession, Tensor } from 'onnxruntime-web'
import type { Runtime } from '../runtime'
import { external, WEIGHTS } from './files'

const graphs = ['read', 'project', 'represent'] as const
type Graph = (typeof graphs)[number]
const path = (graph: Graph) => `onnx/${graph}.onnx`

type Value = Float32Array | BigInt64Array

/** The head's graphs, as functions from arrays to arrays. */
export class Head {
  /** Paths of the graphs in the model folder. */
  static readonly graphs = graphs.map(path)

  private constructor(
    private readonly runtime: Runtime,
    private readonly sessions: Record<Graph, InferenceSession>,
  ) {}

  static async create(
    runtime: Runtime,
    files: ReadonlyMap<string, Uint8Array>,
    options: InferenceSession.SessionOptions,
  ): Promise<Head> {
    const externalData = [external(WEIGHTS, files)]
    const sessions = {} as Record<Graph, InferenceSession>
    // One after another: ONNX Runtime forgets all external data whenever a session is made.
    for (const graph of graphs)
      sessions[graph] = await runtime.InferenceSession.create(files.get(path(graph))!, {
        ...options,
        externalData,
      })
    return new Head(runtime, sessions)
  }

  /** Runs a graph; inputs by name, each with its shape. */
  async run(
    graph: Graph,
    inputs: Record<string, [Value, number[]] | Tensor>,
  ): Promise<Record<string, Float32Array>> {
    const feeds: Record<string, Tensor> = {}
    for (const [name, input] of Object.entries(inputs))
      feeds[name] = Array.isArray(input) ? this.tensor(...input) : input
    const outputs = await this.sessions[graph].run(feeds)
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => [name, (tensor as Tensor).data as Float32Array]),
    )
  }

  async close() {
    for (const graph of graphs) await this.sessions[graph].release()
  }

  private tensor(values: Value, shape: number[]): Tensor {
    return values instanceof Float32Array
      ? new this.runtime.Tensor('float32', values, shape)
      : new this.runtime.Tensor('int64', values, shape)
  }
}
