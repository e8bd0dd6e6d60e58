import { test } from 'vitest'
import { compare, packed, random } from './compare'

test.each([
  [1, 1, 1],
  [1, 2, 33],
  [8, 64, 32],
  [9, 66, 31],
  [7, 129, 65],
  [17, 384, 129],
  [8, 768, 384],
])('%i rows, %i to %i', async (rows, inner, outer) => {
  const draw = random(rows * inner + outer)
  for (const [silu, residual_rows] of [
    [0, 0],
    [1, 0],
    [0, rows],
    [1, 3],
  ])
    await compare(
      'linear',
      {
        reads: {
          x: draw((rows + 1) * inner),
          weight: packed(draw(outer * inner, 2), inner),
          bias: draw(outer),
          residual: draw((2 + Math.max(rows, 3)) * outer),
        },
        writes: { y: draw((rows + 3) * outer) },
        constants: {
          rows,
          inner,
          outer,
          x_row: 1,
          y_row: 2,
          residual_row: 2,
          residual_rows,
          silu,
          round: 0,
        },
      },
      { absolute: 4e-5, relative: 1e-5 },
    )
})

test('rounds its result to f16 when asked', async () => {
  const constants = {
    rows: 3,
    inner: 2,
    outer: 40,
    x_row: 0,
    y_row: 0,
    residual_row: 0,
    residual_rows: 0,
    silu: 0,
  }
  const draw = random(9)
  await compare(
    'linear',
    {
      reads: {
        x: new Float32Array(6),
        weight: packed(draw(80), 2),
        bias: draw(40),
        residual: draw(40),
      },
      writes: { y: draw(120) },
      constants: { ...constants, round: 1 },
    },
    { absolute: 0, relative: 0 },
  )
})

test('SiLU of large values of either sign', async () => {
  const constants = { rows: 1, inner: 2, x_row: 0, y_row: 0, residual_row: 0, residual_rows: 0, round: 0 }
  const bias = Float32Array.of(-1e4, -200, -90, -80, -20, 0, 20, 90, 200, 1e4)
  await compare('linear', {
    reads: { x: new Float32Array(2), weight: packed(new Float32Array(20), 2), bias, residual: bias },
    writes: { y: new Float32Array(10) },
    constants: { ...constants, outer: 10, silu: 1 },
  })
})
