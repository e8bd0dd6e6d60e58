/** The kernels of kernels.wat over a memory of their own. */

import { kernelsWasm } from './kernels'

/** Addresses in bytes, lengths in f32; what each does, kernels.wat says. */
export interface Kernels {
  memory: Float32Array<ArrayBuffer>
  dot(query: number, rows: number, scores: number, count: number, width: number, stride: number): void
  linear(x: number, w: number, b: number, y: number, rows: number, inner: number, outer: number): void
  weigh(weights: number, rows: number, y: number, count: number, width: number, stride: number): void
  silu(x: number, count: number): void
  exponentials(x: number, count: number, maximum: number): number
}

const PAGE = 65_536

let module: WebAssembly.Module | undefined

/** @param room f32 of memory, zeros at first. */
export function loadKernels(room: number): Kernels {
  module ??= new WebAssembly.Module(
    Uint8Array.from(atob(kernelsWasm), (character) => character.charCodeAt(0)),
  )
  const pages = Math.ceil((room * 4) / PAGE)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const { exports } = new WebAssembly.Instance(module, { host: { memory } })
  return { ...(exports as unknown as Kernels), memory: new Float32Array(memory.buffer as ArrayBuffer) }
}
