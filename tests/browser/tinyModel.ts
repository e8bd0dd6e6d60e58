/** The tiny model of the fixtures, and what the tests of devices read with it. */

import type { Backend, QueueState } from '../../src/backend/backend'
import { parseSafetensors, type StoredTensor } from '../../src/safetensors'
import type { Tokenizer } from '../../src/tokenizer'

export const tinyModel = new URL('../fixtures/tiny-model/', import.meta.url).href

/**
 * One device against another: WASM rounds what the encoder multiplies to 8 bits, WebGPU does not, and random weights
 * make more of it than trained ones.
 */
export const ACROSS_DEVICES = 0.05

/** The encoder of 8-bit codes: a last bit of f32 may make a code fall either way, which the layers above amplify. */
export const OF_CODES = 0.02

export const empty: QueueState = { step: 0, latents: new Uint16Array(), statics: new Float32Array() }

const words = 'the canoe is in garage for now I moved to Lisbon last spring and Ana keeps bees'.split(' ')

/** Token lists of differing lengths, all different, the same each time. */
export function turns(tokenizer: Tokenizer, count: number): Int32Array[] {
  return Array.from({ length: count }, (_, i) => {
    const length = 1 + ((i * 7) % 13)
    const text = Array.from({ length }, (_, j) => words[(i * 5 + j * j) % words.length])
    return tokenizer.encode(`${text.join(' ')} ${i}`)
  })
}

/** The state of a memory after `read`, as storage would keep it. */
export function stateOf(
  backend: Backend,
  read: { latents: Uint16Array; embeddings: Float32Array },
): QueueState {
  const { C, K, d, m } = backend.dimensions
  const step = read.embeddings.length / (2 * d + m)
  const first = Math.max(0, step - C)
  const statics = new Float32Array((step - first) * d)
  for (let i = first; i < step; i++)
    statics.set(read.embeddings.subarray(i * (2 * d + m), i * (2 * d + m) + d), (i - first) * d)
  return { step, latents: read.latents.slice(first * K * d), statics }
}

/** The largest difference between two arrays; Infinity when their lengths differ or a value is NaN. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const apart = Math.abs(a[i] - b[i])
    if (!(apart <= largest)) largest = Number.isNaN(apart) ? Infinity : apart
  }
  return largest
}

/** What PyTorch read and made in tests/fixtures/parity.safetensors: graph -> case -> tensor name -> tensor. */
export async function readParity() {
  const response = await fetch(new URL('../fixtures/parity.safetensors', import.meta.url))
  const graphs = new Map<string, Map<string, Map<string, StoredTensor>>>()
  for (const [path, tensor] of parseSafetensors('parity', new Uint8Array(await response.arrayBuffer()))) {
    const [graph, name, input] = path.split('/')
    if (!graphs.has(graph)) graphs.set(graph, new Map())
    if (!graphs.get(graph)!.has(name)) graphs.get(graph)!.set(name, new Map())
    graphs.get(graph)!.get(name)!.set(input, tensor)
  }
  return graphs
}
