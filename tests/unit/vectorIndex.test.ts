import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { topK, VectorIndex } from '../../src/vectorIndex'

/** Values that f32 holds exactly and whose products and sums it does too. */
const value = fc.integer({ min: -8, max: 8 })

describe('VectorIndex', () => {
  test('scores are the dot products with as many dimensions as the query has', () => {
    const index = new VectorIndex(6, 1)
    index.push(Float32Array.of(1, 2, 3, 4, 5, 6))
    index.push(Float32Array.of(0, 1, 0, 1, 0, 1, 6, 5, 4, 3, 2, 1))
    expect([...index.scores(Float32Array.of(1, 1, 1, 1, 1, 1))]).toEqual([21, 3, 21])
    expect([...index.scores(Float32Array.of(1, 0, 2, 0, 3))]).toEqual([22, 0, 20])
    expect([...index.scores(Float32Array.of(1, 0, 2, 0, 3), 2)]).toEqual([22, 0])
    expect([...index.pick([2, 0])]).toEqual([6, 5, 4, 3, 2, 1, 1, 2, 3, 4, 5, 6])
  })

  test('however rows are pushed, they are there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }).chain((d) =>
          fc.tuple(
            fc.constant(d),
            fc.array(fc.array(fc.array(value, { minLength: d, maxLength: d }), { maxLength: 5 }), {
              maxLength: 20,
            }),
            fc.array(value, { minLength: d, maxLength: d }),
          ),
        ),
        ([d, pushes, query]) => {
          const index = new VectorIndex(d, 1)
          for (const rows of pushes) index.push(Float32Array.from(rows.flat()))
          const expected = pushes.flat().map((row) => row.reduce((sum, x, i) => sum + x * query[i], 0))
          expect([...index.scores(Float32Array.from(query))]).toEqual(expected.map((x) => x + 0))
          expect(index.count).toBe(expected.length)
        },
      ),
    )
  })
})

describe('topK', () => {
  test('is the start of all indices sorted by score, then recency, then index', () => {
    const scored = fc.array(fc.tuple(value, value), { maxLength: 60 })
    fc.assert(
      fc.property(scored, fc.integer({ min: 0, max: 70 }), (pairs, k) => {
        const scores = pairs.map(([score]) => score)
        const recency = pairs.map(([, recent]) => recent)
        const sorted = pairs.map((_, i) => i)
        sorted.sort((a, b) => scores[b] - scores[a] || recency[b] - recency[a] || b - a)
        expect(topK(scores, k, recency)).toEqual(sorted.slice(0, k))
      }),
    )
  })
})
