import { test } from 'vitest'
import { fromFloat16 } from '../../src/float16'
import { compare, random } from './compare'

test.each([
  [1, 1],
  [1, 64],
  [3, 70],
  [5, 129],
  [2, 384],
])('%i rows of %i', async (rows, width) => {
  const draw = random(rows + width)
  await compare(
    'layer_norm',
    {
      reads: { x: draw((rows + 2) * width, 3), weight: draw(width), bias: draw(width) },
      writes: { y: draw((rows + 4) * width) },
      constants: { rows, width, x_row: 2, y_row: 3, round: 0 },
    },
    { absolute: 1e-5, relative: 1e-5 },
  )
})

test('rounds to the nearest f16, ties to even, subnormals too', async () => {
  const all = fromFloat16(Uint16Array.from({ length: 0x7bff }, (_, i) => i))
  const middles = all.slice(1).map((value, i) => (value + all[i]) / 2)
  const hard = [
    ...all,
    ...middles,
    ...middles.map((m) => m * 1.0001),
    ...middles.map((m) => m * 0.9999),
    2 ** -25,
    65520,
    1e6,
  ]
  const bias = Float32Array.from([...hard, ...hard.map((value) => -value)])
  const width = bias.length
  await compare(
    'layer_norm',
    {
      reads: { x: new Float32Array(width), weight: new Float32Array(width), bias },
      writes: { y: new Float32Array(width) },
      constants: { rows: 1, width, x_row: 0, y_row: 0, round: 1 },
    },
    { absolute: 0, relative: 0 },
  )
})
