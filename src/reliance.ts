/** How much a query relies on the memory. `Head.rely` of training/model.py computes the same. */

import type { Manifest } from './manifest'

/**
 * A query's vector [2d + m] as it searches, from the one that was embedded, and its reliance in 0..1. A query whose
 * memory parts are short asks for content, and they would only add noise to its static part: they are multiplied by its
 * reliance.
 */
export function rely(
  embedded: Float32Array,
  { d, reliance: { threshold, steepness } }: Pick<Manifest, 'd' | 'reliance'>,
): { vector: Float32Array; reliance: number } {
  let strength = 0
  for (let i = d; i < embedded.length; i++) strength += embedded[i] ** 2
  const reliance = 1 / (1 + (threshold / strength) ** steepness)
  return { vector: embedded.map((value, i) => (i < d ? value : reliance * value)), reliance }
}
