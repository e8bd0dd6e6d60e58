/** transformers.js as its documentation has it: a feature-extraction pipeline in a worker of its own. */

import { env, pipeline, type FeatureExtractionPipeline } from '@huggingface/transformers'
import { expose } from 'comlink'

let extract: FeatureExtractionPipeline

const peer = {
  /** `models`: URL of the folder that holds the model's; `runtime`: URL of ONNX Runtime's WASM files. */
  async open(models: string, name: string, runtime: string, threads: number): Promise<void> {
    env.allowRemoteModels = false
    env.allowLocalModels = true
    env.localModelPath = models
    const wasm = env.backends.onnx.wasm!
    wasm.wasmPaths = runtime
    wasm.numThreads = threads
    extract = await pipeline('feature-extraction', name, { device: 'wasm', dtype: 'q8' })
  },

  /** Mean-pooled, normalised vectors; `batch` texts a call, in the order given. */
  async embed(texts: string[], batch: number): Promise<Float32Array[]> {
    const vectors: Float32Array[] = []
    for (let from = 0; from < texts.length; from += batch) {
      const output = await extract(texts.slice(from, from + batch), { pooling: 'mean', normalize: true })
      const [rows, d] = output.dims
      const data = output.data as Float32Array
      for (let row = 0; row < rows; row++) vectors.push(data.slice(row * d, (row + 1) * d))
    }
    return vectors
  },
}

export type Peer = typeof peer
expose(peer)
