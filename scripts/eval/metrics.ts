/** Retrieval metrics of one ranked list, and their means. Everything is 0..1. */

export interface QueryMetrics {
  'recall@1': number
  'recall@5': number
  'recall@10': number
  'ndcg@10': number
  mrr: number
  /** recall@1 of the ranking restricted to the segments that compete; absent where the query names none. */
  'among@1'?: number
}

/** Means over the queries that have the metric; `null` where none has. */
export type Metrics = { [name in keyof Required<QueryMetrics>]: number | null }

/** Share of the evidence among the first `k`. */
export function recall(ranking: number[], evidence: Set<number>, k: number): number {
  return ranking.slice(0, k).filter((index) => evidence.has(index)).length / evidence.size
}

/** Discounted gain of the first `k` over that of the best order, with gain 1 for evidence (Järvelin & Kekäläinen). */
export function ndcg(ranking: number[], evidence: Set<number>, k: number): number {
  let gain = 0
  let best = 0
  for (let rank = 0; rank < k; rank++) {
    const discount = 1 / Math.log2(rank + 2)
    if (rank < ranking.length && evidence.has(ranking[rank])) gain += discount
    if (rank < evidence.size) best += discount
  }
  return gain / best
}

/** One over the rank, from 1, of the first evidence; 0 when none was found. */
export function reciprocalRank(ranking: number[], evidence: Set<number>): number {
  const first = ranking.findIndex((index) => evidence.has(index))
  return first < 0 ? 0 : 1 / (first + 1)
}

/** @param ranking segment indices, best first, each once. */
export function queryMetrics(ranking: number[], evidence: number[], among?: number[]): QueryMetrics {
  const wanted = new Set(evidence)
  const metrics: QueryMetrics = {
    'recall@1': recall(ranking, wanted, 1),
    'recall@5': recall(ranking, wanted, 5),
    'recall@10': recall(ranking, wanted, 10),
    'ndcg@10': ndcg(ranking, wanted, 10),
    mrr: reciprocalRank(ranking, wanted),
  }
  if (among) {
    const competing = new Set(among)
    metrics['among@1'] = recall(
      ranking.filter((index) => competing.has(index)),
      wanted,
      1,
    )
  }
  return metrics
}

export const metricNames = ['recall@1', 'recall@5', 'recall@10', 'ndcg@10', 'mrr', 'among@1'] as const

export function meanMetrics(queries: QueryMetrics[]): Metrics {
  const mean = (name: keyof QueryMetrics) => {
    const values = queries.map((query) => query[name]).filter((value) => value !== undefined)
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return Object.fromEntries(metricNames.map((name) => [name, mean(name)])) as Metrics
}
