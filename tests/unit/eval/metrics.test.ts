import { describe, expect, test } from 'vitest'
import { meanMetrics, ndcg, queryMetrics, recall, reciprocalRank } from '../../../scripts/eval/metrics'

const ranking = [4, 2, 0, 1, 3, 5]

describe('metrics against values worked out by hand', () => {
  test('recall is the share of the evidence among the first k', () => {
    const evidence = new Set([2, 3])
    expect([1, 2, 4, 5].map((k) => recall(ranking, evidence, k))).toEqual([0, 0.5, 0.5, 1])
  })

  test('nDCG discounts by the logarithm of the rank', () => {
    // Ranks 2 and 5 of 2: (1/log2 3 + 1/log2 6) / (1/log2 2 + 1/log2 3)
    expect(ndcg(ranking, new Set([2, 3]), 10)).toBeCloseTo(0.6240505, 6)
    // Rank 5 lies beyond k.
    expect(ndcg(ranking, new Set([2, 3]), 3)).toBeCloseTo(0.3868528, 6)
    expect(ndcg(ranking, new Set([4, 2]), 10)).toBe(1)
  })

  test('nDCG of more evidence than k is 1 when the first k are all evidence', () => {
    expect(ndcg(ranking, new Set([0, 1, 2, 4]), 2)).toBe(1)
  })

  test('the reciprocal rank is that of the first evidence, and 0 when none was found', () => {
    expect(reciprocalRank(ranking, new Set([1, 5]))).toBe(0.25)
    expect(reciprocalRank(ranking, new Set([9]))).toBe(0)
  })

  test('among: only segments that compete count', () => {
    const metrics = queryMetrics(ranking, [0], [0, 1, 5])
    expect(metrics['recall@1']).toBe(0)
    expect(metrics['among@1']).toBe(1)
    expect(queryMetrics(ranking, [1], [0, 1, 5])['among@1']).toBe(0)
    expect(queryMetrics(ranking, [1])).not.toHaveProperty('among@1')
  })

  test('an index named twice as evidence counts once', () => {
    expect(queryMetrics(ranking, [4, 4])['recall@1']).toBe(1)
  })

  test('means are over the queries that have the metric', () => {
    const means = meanMetrics([
      queryMetrics(ranking, [4], [4, 2]),
      queryMetrics(ranking, [2]),
      queryMetrics(ranking, [3]),
    ])
    expect(means['recall@1']).toBeCloseTo(1 / 3)
    expect(means.mrr).toBeCloseTo((1 + 1 / 2 + 1 / 5) / 3)
    expect(means['among@1']).toBe(1)
    expect(meanMetrics([]).mrr).toBeNull()
  })
})
