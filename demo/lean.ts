/** What a turn's vector says about its context, read from the vectors alone. Pure. */

import type { EngineInfo } from '../src/index'

/** An earlier turn and how alike it is, -1..1. */
export interface Likeness {
  step: number
  likeness: number
}

export interface Lean {
  /** Length of the context part; the part of the turn's own words has length 1. */
  context: number
  /** The earlier turns whose words are nearest to this turn's words. */
  staticNearest: Likeness[]
  /** The earlier turns whose words are nearest to this turn's context part: what memory lends it. */
  contextNearest: Likeness[]
}

export type Sizes = Pick<EngineInfo, 'staticDimensions' | 'capacity'>

/**
 * An embedding is [own words d | context d | clock]. `vectors[i]` is of step `from + i` and reaches back
 * `capacity` steps before `step`, which is as far as a turn's context can.
 */
export function leanOf(step: number, vectors: Float32Array[], from: number, sizes: Sizes, top = 2): Lean {
  const d = sizes.staticDimensions
  const vector = vectors[step - from]
  const words = vector.subarray(0, d)
  const context = vector.subarray(d, 2 * d)
  const length = Math.hypot(...context)
  const nearest = (part: Float32Array, scale: number) =>
    vectors
      .slice(Math.max(0, step - sizes.capacity - from), step - from)
      .map((earlier, i, all) => ({
        step: step - all.length + i,
        likeness: scale && dot(part, earlier.subarray(0, d)) / scale,
      }))
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, top)
  return {
    context: length,
    staticNearest: nearest(words, 1),
    contextNearest: length ? nearest(context, length) : [],
  }
}

function dot(a: Float32Array, b: Float32Array) {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
