/** BM25+ (Lv and Zhai 2011) by MiniSearch; `training/lexical.py` computes the same. */

import MiniSearch from 'minisearch'

export class LexicalIndex {
  private readonly index = new MiniSearch<{ id: number; text: string }>({
    fields: ['text'],
    // Lower-cased here, so that a text's length is its number of distinct terms.
    tokenize: (text) =>
      text
        .toLowerCase()
        .split(/[\n\r\p{Z}\p{P}]+/u)
        .filter(Boolean),
    searchOptions: { combineWith: 'OR', prefix: false, fuzzy: false, bm25: { k: 1.2, b: 0.7, d: 0.5 } },
  })

  constructor(texts: Iterable<string> = []) {
    for (const text of texts) this.push(text)
  }

  get count(): number {
    return this.index.documentCount
  }

  push(text: string): void {
    this.index.add({ id: this.count, text })
  }

  /** One score a text [count]; 0 where no term matches. */
  scores(query: string): Float32Array {
    const scores = new Float32Array(this.count)
    // MiniSearch multiplies BM25+ by the number of query terms that match, which costs 2 points of recall on LoCoMo.
    for (const { id, score, queryTerms } of this.index.search(query)) scores[id] = score / queryTerms.length
    return scores
  }
}
