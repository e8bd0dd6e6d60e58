import { expect, test } from 'vitest'
import { fromFloat16, toFloat16 } from '../../src/float16'

const NAN = 0x7e00
const all = Uint16Array.from({ length: 65536 }, (_, i) => i)
const isNaN16 = (half: number) => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0

test('every f16 there is survives the way to f32 and back', () => {
  const back = toFloat16(fromFloat16(all))
  const wrong = [...all].filter((half) =>
    isNaN16(half) ? NAN !== (back[half] & 0x7fff) : half !== back[half],
  )
  expect(wrong).toEqual([])
})

test('halfway between two neighbours goes to the even one, anything off it to the nearer', () => {
  const values = fromFloat16(all)
  for (let half = 0; half < 0x7bff; half++) {
    const middle = (values[half] + values[half + 1]) / 2
    const nudge = 2 ** -34 + middle * 2 ** -20
    const even = half % 2 ? half + 1 : half
    expect([...toFloat16([middle - nudge, middle, middle + nudge])]).toEqual([half, even, half + 1])
  }
})

test('what is too large becomes infinity, what is too small zero, each with its sign', () => {
  expect([...toFloat16([65519.9, 65520, -1e30, 2 ** -25, -(2 ** -26), -0])]).toEqual([
    0x7bff, 0x7c00, 0xfc00, 0, 0x8000, 0x8000,
  ])
})
