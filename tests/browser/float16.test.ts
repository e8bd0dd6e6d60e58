/** The conversion the browser has, where it has one, against every f16 there is: tests/unit checks our own. */

import { expect, test } from 'vitest'
import { fromFloat16, toFloat16 } from '../../src/float16'

const finite = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((half) => (half & 0x7c00) !== 0x7c00)

test('every finite f16 has its value, and survives the way there and back', () => {
  const values = fromFloat16(finite)
  expect(toFloat16(values)).toEqual(finite)
  const value = (half: number) => {
    const exponent = (half >> 10) & 31
    const magnitude = exponent ? (1024 + (half & 1023)) * 2 ** (exponent - 25) : (half & 1023) * 2 ** -24
    return half & 0x8000 ? -magnitude : magnitude
  }
  expect(values).toEqual(Float32Array.from(finite, value))
})

test('ties go to the even neighbour', () => {
  expect([...toFloat16([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65520])]).toEqual([0x3c00, 0x3c02, 0x7c00])
})
