/** ONNX Runtime Web, fetched when a device is opened and only in the build that device needs. */

import type * as OnnxRuntime from 'onnxruntime-web'
import type { DeviceName } from './backend/backend'

export type Runtime = typeof OnnxRuntime

/** More threads than this gain nothing at the sizes of the encoder and the head. */
const MAX_THREADS = 4

/** Threads WASM may use: one where the page is not cross-origin isolated, as there is no shared memory then. */
export const threads = globalThis.crossOriginIsolated
  ? Math.min(MAX_THREADS, navigator.hardwareConcurrency)
  : 1

/**
 * ONNX Runtime for the device. Its WASM files are assets of our own build, named by URL, so that a strict
 * `worker-src 'self'` holds for its threads too.
 */
export async function loadRuntime(device: DeviceName): Promise<Runtime> {
  const [runtime, wasm, mjs] = await (device === 'wasm' ? wasmBuild() : webgpuBuild())
  runtime.env.wasm.wasmPaths = { wasm: wasm.default, mjs: mjs.default }
  runtime.env.wasm.numThreads = threads
  runtime.env.logLevel = 'error'
  return runtime
}

const wasmBuild = () =>
  Promise.all([
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
    import('onnxruntime-web/ort-wasm-simd-threaded.mjs?url'),
  ])

const webgpuBuild = () =>
  Promise.all([
    import('onnxruntime-web/webgpu'),
    import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'),
    import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url'),
  ])
