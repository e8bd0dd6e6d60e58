/** Uniform in 0..1, the same on every run. */
export function random(seed: number): () => number {
  let state = Math.imul(seed, 2654435761) >>> 0
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

/** So many values in -1..1. */
export function randomValues(count: number, seed: number): Float32Array<ArrayBuffer> {
  const next = random(seed)
  return Float32Array.from({ length: count }, () => 2 * next() - 1)
}
