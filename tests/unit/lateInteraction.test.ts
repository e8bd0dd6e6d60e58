import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lateInteraction, lateQuery, tokenCodes } from '../../src/lateInteraction'

const lateScores = (...of: Parameters<typeof lateInteraction>) =>
  lateInteraction(...of).map(({ score }) => score)

/** Raw rows [tokens.length + 2, t + 2] of tokens between special ones that nothing may be made of. */
function rawOf(tokens: number[][], t: number): Float32Array {
  const special = new Array(t + 2).fill(NaN)
  return Float32Array.from([special, ...tokens, special].flat())
}

const softplus = (x: number) => Math.log(1 + Math.exp(x))
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/** As it is defined: the score of the last segment. */
function reference(query: number[][], segments: number[][][], t: number, reach: number): number {
  const scaled = (row: number[], length: number) =>
    row.slice(0, t).map((x) => (length / (Math.hypot(...row.slice(0, t)) || 1)) * x)
  const nearest = (row: number[], segment: number[][]) =>
    segment.length
      ? Math.max(
          ...segment.map((token) => {
            const code = scaled(token, 127).map(Math.round)
            return scaled(row, 1).reduce((sum, x, k) => sum + x * code[k], 0) / 127
          }),
        )
      : 0
  const total = query.reduce((sum, row) => sum + softplus(row[t]), 0)
  const seen = segments.toReversed().slice(0, reach + 1)
  return query.reduce((sum, row) => {
    const found = seen.map((segment, age) => sigmoid(row[t + 1]) ** age * nearest(row, segment))
    return sum + (softplus(row[t]) / total) * Math.max(...found)
  }, 0)
}

const value = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 128)
const texts = fc.integer({ min: 1, max: 9 }).chain((t) => {
  const text = fc.array(fc.array(value, { minLength: t + 2, maxLength: t + 2 }), { maxLength: 7 })
  return fc.record({
    t: fc.constant(t),
    query: text,
    segments: fc.array(text, { minLength: 1, maxLength: 6 }),
    reach: fc.integer({ min: 0, max: 7 }),
  })
})

test('scores are those of the definition, whatever the shapes', () => {
  fc.assert(
    fc.property(texts, ({ t, query, segments, reach }) => {
      const codes = segments.map((segment) => tokenCodes(rawOf(segment, t), t))
      const steps = [...codes.keys()]
      const asked = lateQuery(rawOf(query, t), t)
      const found = lateInteraction(asked, codes, steps.toReversed(), reach).reverse()
      const bySelf = lateInteraction(asked, codes, steps, 0)
      for (const step of steps) {
        const { score, alone, remembered } = found[step]
        expect(score).toBeCloseTo(reference(query, segments.slice(0, step + 1), t, reach), 5)
        expect(asked.weights.reduce((sum, weight, i) => sum + weight * remembered[i], 0)).toBeCloseTo(
          score,
          5,
        )
        expect(alone).toEqual(bySelf[step].remembered)
      }
    }),
  )
})

test('more tokens than the kernel takes at once are scored as by themselves', () => {
  const t = 64
  const token = (seed: number) => Array.from({ length: t + 2 }, (_, k) => Math.sin(seed * (k + 1)))
  const query = lateQuery(
    rawOf(
      Array.from({ length: 254 }, (_, i) => token(i + 0.5)),
      t,
    ),
    t,
  )
  const codes = Array.from({ length: 9 }, (_, s) =>
    tokenCodes(
      rawOf(
        Array.from({ length: 253 }, (_, i) => token(s + i / 7)),
        t,
      ),
      t,
    ),
  )
  const together = lateScores(query, codes, [...codes.keys()], 2)
  for (const step of codes.keys())
    expect(lateScores(query, codes, [step], 2)[0]).toBeCloseTo(together[step], 6)
  expect(() => lateScores(lateQuery(new Float32Array(1200 * 66), t), codes, [0], 0)).toThrow(RangeError)
})

test('codes are 127 times the direction of a token, in rows; a token of no direction is zeros', () => {
  const tokens = [
    [3, 4, 9, 1],
    [0, 0, 1, 1],
    [-5, 0, -2, 1],
  ]
  expect([...tokenCodes(rawOf(tokens, 2), 2)]).toEqual([76, 102, 0, 0, -127, 0])
})

test('weights sum to 1, of logits of any size; a token of no direction is like nothing', () => {
  const tokens = [
    [0, 2, 0, 0],
    [0, 0, 800, 90],
    [1, 1, -90, -900],
  ]
  const query = lateQuery(rawOf(tokens, 2), 2)
  expect([...query.vectors]).toEqual([0, 1, 0, 0, Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2)])
  expect(query.weights[0]).toBeCloseTo(Math.LN2 / (Math.LN2 + 800), 7)
  expect(query.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 6)
  expect([...query.decays]).toEqual([0.5, 1, 0])
  expect(lateScores(query, [Int8Array.of(0, 127)], [0], 0)[0]).toBeCloseTo(query.weights[0], 6)
})

test('weights too small for an f32 sum to nothing, and score 0', () => {
  const query = lateQuery(rawOf([[1, 2, -1000, 0]], 2), 2)
  expect([...query.weights]).toEqual([0])
  expect([...lateScores(query, [Int8Array.of(0, 127)], [0], 0)]).toEqual([0])
})

describe.each([
  ['the special tokens alone', rawOf([], 4)],
  ['a single token', new Float32Array(6)],
  ['nothing', new Float32Array()],
])('a text of %s', (_, raw) => {
  const other = rawOf([[1, 2, 3, 4, 0, 0]], 4)
  test.each([
    [other, raw],
    [raw, other],
    [raw, raw],
  ])('scores 0, as a query and as a segment', (query, segment) => {
    expect([...lateScores(lateQuery(query, 4), [tokenCodes(segment, 4)], [0], 3)]).toEqual([0])
  })
})

test('codes have a buffer of their own: stored, no more is copied than they', () => {
  const codes = tokenCodes(rawOf([[1, 2, 3, 4]], 2), 2)
  expect(codes.buffer.byteLength).toBe(codes.byteLength)
})
