import { test } from 'vitest'
import { compare, random } from './compare'

interface Shape {
  rows: number
  heads: number
  headWidth: number
  slots: number
  capacity: number
  /** Of the first row, and what each row adds. */
  step: number
  advance: number
  base: number
  /** Buffer slots, in segments. */
  segments: number
}
const cases: [string, Shape][] = [
  [
    'an empty queue leaves the null slot',
    { rows: 2, heads: 2, headWidth: 3, slots: 2, capacity: 4, step: 0, advance: 0, base: 0, segments: 1 },
  ],
  [
    'one segment',
    { rows: 1, heads: 1, headWidth: 1, slots: 1, capacity: 1, step: 1, advance: 0, base: 0, segments: 1 },
  ],
  [
    'a queue not yet full',
    { rows: 8, heads: 3, headWidth: 10, slots: 3, capacity: 7, step: 5, advance: 0, base: 0, segments: 6 },
  ],
  [
    'a full queue',
    {
      rows: 8,
      heads: 6,
      headWidth: 8,
      slots: 8,
      capacity: 32,
      step: 40,
      advance: 0,
      base: 8,
      segments: 32,
    },
  ],
  [
    'a buffer that goes back further than the queue',
    {
      rows: 4,
      heads: 2,
      headWidth: 5,
      slots: 2,
      capacity: 5,
      step: 100,
      advance: 0,
      base: 80,
      segments: 24,
    },
  ],
  [
    'a batch of segments, each at its own step',
    { rows: 13, heads: 2, headWidth: 7, slots: 2, capacity: 4, step: 0, advance: 1, base: 0, segments: 13 },
  ],
  [
    'a batch far into a conversation',
    {
      rows: 9,
      heads: 6,
      headWidth: 64,
      slots: 8,
      capacity: 32,
      step: 1000,
      advance: 1,
      base: 968,
      segments: 41,
    },
  ],
  [
    'empty buffer slots of negative step',
    { rows: 6, heads: 2, headWidth: 4, slots: 2, capacity: 4, step: 1, advance: 1, base: -3, segments: 10 },
  ],
]
test.each(cases)('%s', async (_, s) => {
  const { rows, heads, slots, capacity, step, advance, base, segments } = s
  const width = heads * s.headWidth
  const draw = random(rows + width)
  const key_values = draw(segments * slots * 2 * width, 2)
  // What no row may see: NaN would spread.
  key_values.fill(NaN, 0, Math.max(0, Math.max(0, step - capacity) - base) * slots * 2 * width)
  key_values.fill(NaN, Math.max(0, step + (rows - 1) * advance - base) * slots * 2 * width)
  await compare(
    'attention',
    {
      reads: {
        query: draw((rows + 1) * width, 3),
        keys: key_values,
        values: key_values,
        age: draw(heads * (capacity + 1), 2),
      },
      writes: { y: draw((rows + 3) * width) },
      constants: {
        rows,
        width,
        heads,
        slots,
        capacity,
        query_row: 1,
        y_row: 2,
        step,
        advance,
        base,
        key_stride: 2 * width,
        value_stride: 2 * width,
        value_offset: width,
      },
    },
    { absolute: 1e-5, relative: 1e-5 },
  )
})

test('a null slot far above all segments, or far below, does not overflow', async () => {
  for (const nullLogit of [300, -300]) {
    const draw = random(8)
    const age = draw(2 * 5)
    age[4] = age[9] = nullLogit
    await compare('attention', {
      reads: { query: draw(3 * 8), keys: draw(4 * 8), values: draw(4 * 8), age },
      writes: { y: draw(3 * 8) },
      constants: {
        rows: 3,
        width: 8,
        heads: 2,
        slots: 1,
        capacity: 4,
        query_row: 0,
        y_row: 0,
        step: 4,
        advance: 0,
        base: 0,
        key_stride: 8,
        value_stride: 8,
        value_offset: 0,
      },
    })
  }
})

test('the context: one head, keys and values in buffers of their own', async () => {
  const draw = random(5)
  const width = 70
  await compare(
    'attention',
    {
      reads: { query: draw(11 * width), keys: draw(20 * width), values: draw(20 * width), age: draw(9) },
      writes: { y: draw(11 * width) },
      constants: {
        rows: 11,
        width,
        heads: 1,
        slots: 1,
        capacity: 8,
        query_row: 0,
        y_row: 0,
        step: 9,
        advance: 1,
        base: 0,
        key_stride: width,
        value_stride: width,
        value_offset: 0,
      },
    },
    { absolute: 1e-5, relative: 1e-5 },
  )
})
