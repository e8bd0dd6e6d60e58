/** f16 as the disk and the memory queue hold it: bits in a Uint16Array. */

/** Browsers since 2025; the arithmetic below is for those before. */
const hasNative = typeof Float16Array !== 'undefined'

const float = new Float32Array(1)
const bits = new Uint32Array(float.buffer)

/** The bits of the nearest f16 of each value, ties to even; beyond 65,504 infinity. */
export function toFloat16(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  if (hasNative) return new Uint16Array(new Float16Array(values).buffer)
  const halves = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) halves[i] = half(values[i])
  return halves
}

/** The f32 values of f16 bits, exact. */
export function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  if (hasNative) return new Float32Array(new Float16Array(halves.buffer, halves.byteOffset, halves.length))
  const values = new Float32Array(halves.length)
  for (let i = 0; i < halves.length; i++) {
    const exponent = (halves[i] >> 10) & 31
    const fraction = halves[i] & 1023
    const magnitude =
      exponent === 0
        ? fraction * 2 ** -24
        : exponent < 31
          ? (1024 + fraction) * 2 ** (exponent - 25)
          : fraction
            ? NaN
            : Infinity
    values[i] = halves[i] & 0x8000 ? -magnitude : magnitude
  }
  return values
}

function half(value: number): number {
  float[0] = value
  const sign = (bits[0] >>> 16) & 0x8000
  const magnitude = bits[0] & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  // A multiple of 2^-24 below the normal range: adding 0.5 leaves just those bits of the fraction.
  if (magnitude < 0x38800000) {
    float[0] = Math.abs(value) + 0.5
    return sign | (bits[0] & 0x7ff)
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
  return sign | (rounded >= 0x47800000 ? 0x7c00 : (rounded - 0x38000000) >>> 13)
}
