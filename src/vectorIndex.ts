/** Rows of vectors in one flat array, and the top-k among scores. */

import { dotProducts } from './dotProducts'

export class VectorIndex {
  count = 0
  private data: Float32Array

  constructor(
    readonly dimensions: number,
    capacity = 64,
  ) {
    this.data = new Float32Array(capacity * dimensions)
  }

  /** Rows [n, dimensions], put behind those that are there. */
  push(rows: Float32Array): void {
    const used = this.count * this.dimensions
    if (used + rows.length > this.data.length) {
      const grown = new Float32Array(Math.max(2 * this.data.length, used + rows.length))
      grown.set(this.data.subarray(0, used))
      this.data = grown
    }
    this.data.set(rows, used)
    this.count += rows.length / this.dimensions
  }

  /** Row i [dimensions]: a view, good until the next push. */
  row(i: number): Float32Array {
    return this.rows(i, i + 1)
  }

  /** Rows [from, to) as [to - from, dimensions]: a view, good until the next push. */
  rows(from: number, to: number): Float32Array {
    return this.data.subarray(from * this.dimensions, to * this.dimensions)
  }

  /** These rows, copied, as [indices.length, dimensions]. */
  pick(indices: ArrayLike<number>): Float32Array {
    const picked = new Float32Array(indices.length * this.dimensions)
    for (let i = 0; i < indices.length; i++) picked.set(this.row(indices[i]), i * this.dimensions)
    return picked
  }

  /** Dot products [count] of the query with as many leading dimensions of the first `count` rows as it has. */
  scores(query: Float32Array, count = this.count): Float32Array {
    return dotProducts(query, this.rows(0, count), this.dimensions)
  }
}

/** Indices of the k highest of `scores`, best first. Among equals the one with the higher `recency`, then index. */
export function topK(scores: ArrayLike<number>, k: number, recency?: ArrayLike<number>): number[] {
  const behind = (a: number, b: number) =>
    scores[a] - scores[b] || (recency ? recency[a] - recency[b] : 0) || a - b
  // A heap with the worst of the best on top: most candidates are turned away by one comparison.
  const heap: number[] = []
  for (let i = 0; i < scores.length; i++) {
    if (heap.length < k) {
      heap.push(i)
      for (let at = heap.length - 1; at > 0;) {
        const parent = (at - 1) >> 1
        if (behind(heap[at], heap[parent]) >= 0) break
        ;[heap[at], heap[parent]] = [heap[parent], heap[at]]
        at = parent
      }
    } else if (k > 0 && behind(i, heap[0]) > 0) {
      heap[0] = i
      for (let at = 0; ;) {
        let least = at
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < k && behind(heap[child], heap[least]) < 0) least = child
        if (least === at) break
        ;[heap[at], heap[least]] = [heap[least], heap[at]]
        at = least
      }
    }
  }
  return heap.sort((a, b) => behind(b, a))
}
