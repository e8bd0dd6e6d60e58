/** Files of the model folder that every device takes (docs/architecture.md, "Model folder"). */

export const ENCODER = 'onnx/model_quantized.onnx'
export const RERANK = 'onnx/rerank.onnx'
/** The head's weights; graphs of the head take theirs from it, by this name. */
export const WEIGHTS = 'head.safetensors'
