/** Rows [n, d], each scaled to length 1. */
export function normalise(rows: Float32Array, d: number): Float32Array<ArrayBuffer> {
  const unit = new Float32Array(rows.length)
  for (let start = 0; start < rows.length; start += d) {
    let squares = 0
    for (let i = start; i < start + d; i++) squares += rows[i] ** 2
    const length = Math.sqrt(squares)
    for (let i = start; i < start + d; i++) unit[i] = rows[i] / length
  }
  return unit
}
