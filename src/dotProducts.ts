/** Dot products of one query with many rows, on WASM SIMD. */

import { loadKernels, type Kernels } from './simd/load'

/** f32 in the kernel's memory, which is laid out as query, rows, scores. */
const QUERY = 4096
const ROWS = 262_144 // 1 MB: rows are copied in by tiles that stay in the processor's cache
const SCORES = 8192

let kernels: Kernels | undefined

/**
 * Scores [n] of a query [width] against the first `width` of each of the rows [n, stride], width <= stride.
 * Throws RangeError for a row of more than 4,096 values.
 */
export function dotProducts(query: Float32Array, rows: Float32Array, stride: number): Float32Array {
  if (stride > QUERY) throw new RangeError(`rows of ${stride} values: the kernel takes ${QUERY} at most`)
  const { memory, dot } = (kernels ??= loadKernels(QUERY + ROWS + SCORES))
  const count = rows.length / stride
  const scores = new Float32Array(count)
  const tile = Math.min(Math.floor(ROWS / stride), SCORES)
  memory.set(query)
  for (let from = 0; from < count; from += tile) {
    const to = Math.min(from + tile, count)
    memory.set(rows.subarray(from * stride, to * stride), QUERY)
    dot(0, QUERY * 4, (QUERY + ROWS) * 4, to - from, query.length, stride)
    scores.set(memory.subarray(QUERY + ROWS, QUERY + ROWS + to - from), from)
  }
  return scores
}
