import { test } from 'vitest'
import { compare, random } from './compare'

test.each([
  [1, 1],
  [3, 70],
  [2, 384],
])('normalize: %i rows of %i, one of them zero', async (rows, width) => {
  const draw = random(width)
  const x = draw((rows + 3) * width)
  x.fill(0, (rows + 1) * width, (rows + 2) * width)
  await compare('normalize', {
    reads: { x },
    writes: { y: draw((rows + 2) * width) },
    constants: { rows: rows + 1, width, x_row: 1, y_row: 1 },
  })
})

test.each([
  [1, 1, 1],
  [3, 70, 8],
  [5, 64, 2],
])('mean: %i rows of %i over %i', async (rows, width, slots) => {
  const draw = random(width)
  await compare('mean', {
    reads: { x: draw((rows + 1) * slots * width) },
    writes: { y: draw((rows + 1) * width) },
    constants: { rows, width, slots },
  })
})

test.each([
  ['segments', 0, 0, 1],
  ['queries', 1, 7, 0],
  ['far on', 0, 100_000, 1],
])('place: %s', async (_, role, step, advance) => {
  const draw = random(6)
  await compare('place', {
    reads: { role: draw(2 * 70), order: draw(70 * 5) },
    writes: { x: draw(6 * 70) },
    constants: { rows: 5, width: 70, role, step, advance },
  })
})

test.each([
  [1, 2, 1],
  [3, 70, 13],
  [2, 384, 130],
])('embeddings: %i rows, d %i, m %i', async (rows, width, clock) => {
  const draw = random(7)
  const embedding = 2 * width + clock
  await compare('segment_embedding', {
    reads: {
      statics: draw((rows + 1) * width),
      context: draw(rows * width),
      output: draw(rows * (1 + clock)),
    },
    writes: { embedding: draw((rows + 1) * embedding) },
    constants: { rows, width, clock, static_row: 1 },
  })
  await compare('query_embedding', {
    reads: { statics: draw(rows * width), output: draw(rows * (1 + width + clock)) },
    writes: { embedding: draw((rows + 1) * embedding) },
    constants: { rows, width, clock },
  })
})
