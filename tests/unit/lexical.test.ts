import { expect, test } from 'vitest'
import { LexicalIndex } from '../../src/lexical'

/** BM25+ by its formula (Lv and Zhai 2011), a document's length being its number of distinct terms. */
function bm25(documents: string[][], query: string[], k = 1.2, b = 0.7, d = 0.5): number[] {
  const length = (document: string[]) => new Set(document).size
  const mean = documents.reduce((sum, document) => sum + length(document), 0) / documents.length
  return documents.map((document) => {
    let score = 0
    for (const term of query) {
      const frequency = document.filter((word) => word === term).length
      if (!frequency) continue
      const n = documents.filter((other) => other.includes(term)).length
      const rarity = Math.log(1 + (documents.length - n + 0.5) / (n + 0.5))
      const norm = 1 - b + (b * length(document)) / mean
      score += rarity * (d + (frequency * (k + 1)) / (frequency + k * norm))
    }
    return score
  })
}

const documents = [
  'The canoe, the old canoe.',
  'In the garage (for now)!',
  'Garages burn.',
  'Où est le café?',
]
const terms = documents.map((text) => text.toLowerCase().match(/\p{L}+/gu)!)

test.each([
  ['the canoe', ['the', 'canoe']],
  ['Garage?', ['garage']],
  ['CAFÉ now', ['café', 'now']],
  ['zebra', ['zebra']],
])('%s is scored by BM25+', (query, queryTerms) => {
  const scores = new LexicalIndex(documents).scores(query)
  bm25(terms, queryTerms).forEach((score, i) => expect(scores[i]).toBeCloseTo(score, 5))
})

test('an index that grew scores as one that was built at once', () => {
  const grown = new LexicalIndex(documents.slice(0, 1))
  for (const text of documents.slice(1)) grown.push(text)
  expect(grown.scores('the garage')).toEqual(new LexicalIndex(documents).scores('the garage'))
})
