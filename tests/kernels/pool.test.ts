import { test } from 'vitest'
import { compare, random } from './compare'

test.each([
  ['one token', [1], 1, 8, 1],
  ['a width that fits nothing, ragged lengths', [5, 1, 17, 33, 16], 33, 70, 3],
  ['a width beyond the workgroup', [40, 3], 40, 384, 8],
])('%s', async (_, lengths, columns, width, queries) => {
  const draw = random(1)
  const count = lengths.length + 2
  await compare(
    'pool',
    {
      reads: {
        states: draw(lengths.length * columns * width),
        lengths: Uint32Array.from(lengths),
        positions: Uint32Array.from(lengths, (_, i) => count - 1 - i),
        query: draw(queries * width, 4),
      },
      writes: { summaries: draw(count * queries * width), statics: draw(count * width) },
      constants: { rows: lengths.length, columns, width, queries },
    },
    { absolute: 1e-5, relative: 1e-5 },
  )
})

test('padding is not read, whatever it holds', async () => {
  const states = random(2)(2 * 20 * 16)
  states.fill(NaN, 3 * 16, 20 * 16)
  await compare('pool', {
    reads: {
      states,
      lengths: Uint32Array.of(3, 20),
      positions: Uint32Array.of(0, 1),
      query: random(3)(2 * 16),
    },
    writes: { summaries: new Float32Array(2 * 2 * 16), statics: new Float32Array(2 * 16) },
    constants: { rows: 2, columns: 20, width: 16, queries: 2 },
  })
})

test('logits that rise by hundreds from token to token do not overflow', async () => {
  const width = 4
  const states = Float32Array.from({ length: 40 * width }, (_, i) => Math.floor(i / width) * 30)
  await compare('pool', {
    reads: {
      states,
      lengths: Uint32Array.of(40),
      positions: Uint32Array.of(0),
      query: new Float32Array(8).fill(1),
    },
    writes: { summaries: new Float32Array(2 * width), statics: new Float32Array(width) },
    constants: { rows: 1, columns: 40, width, queries: 2 },
  })
})
