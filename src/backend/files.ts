/** Files of the model folder that every device takes (docs/architecture.md, "Model folder"). */

export const ENCODER = 'onnx/model_quantized.onnx'
export const RERANK = 'onnx/rerank.onnx'
/** The head's weights; graphs of the head take theirs from it, by this name. */
export const WEIGHTS = 'head.safetensors'
/** No device needs it: the update as a graph, which the kernels are measured against. */
export const UPDATE = 'onnx/memory_update.onnx'
