/** Files of the model folder (docs/architecture.md, "Model folder"). */

/** The base encoder by device: products of 8-bit codes, which CPUs do twice as fast, and in f32. */
export const ENCODERS = { wasm: 'onnx/model_quantized.onnx', webgpu: 'onnx/model.onnx' } as const
/** The weights of both. */
export const ENCODER_WEIGHTS = 'onnx/model_quantized.onnx_data'
export const RERANK = 'onnx/rerank.onnx'
/** The head's weights; graphs of the head take theirs from it, by this name. */
export const WEIGHTS = 'head.safetensors'
/** No device needs it: the update as a graph, which the kernels are measured against. */
export const UPDATE = 'onnx/memory_update.onnx'

/** A file as the graphs that take their weights from it call it: without its folder. */
export const external = (path: string, files: ReadonlyMap<string, Uint8Array>) => ({
  path: path.split('/').pop()!,
  data: files.get(path)!,
})
