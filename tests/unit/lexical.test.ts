import { expect, test } from 'vitest'
import { LexicalIndex, lexicalScores } from '../../src/lexical'

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

const all = { lexical: new LexicalIndex(documents), count: documents.length }

test.each([
  ['the canoe', ['the', 'canoe']],
  ['Garage?', ['garage']],
  ['the the garage', ['the', 'the', 'garage']],
  ['CAFÉ now', ['café', 'now']],
  ['zebra', ['zebra']],
  ['', []],
])('%s is scored by BM25+', (query, queryTerms) => {
  const [scores] = lexicalScores(query, [all])
  bm25(terms, queryTerms).forEach((score, i) => expect(scores[i]).toBeCloseTo(score, 5))
})

test('an index scores as of an earlier number of texts, and as it grows', () => {
  const grown = new LexicalIndex()
  for (const [i, text] of documents.entries()) {
    grown.push(text)
    const [count, now] = [i + 1, { lexical: grown, count: i + 1 }]
    const alone = lexicalScores('the garage', [
      { lexical: new LexicalIndex(documents.slice(0, count)), count },
    ])
    expect(lexicalScores('the garage', [now])).toEqual(alone)
    expect(lexicalScores('the garage', [{ ...all, count }])).toEqual(alone)
  }
})

test('several indices score as one, each as of its own number of texts', () => {
  const parts = [documents.slice(0, 1), ['The garage is full.', 'Never said.'], documents.slice(1)]
  const scopes = parts.map((texts) => ({ lexical: new LexicalIndex(texts), count: texts.length }))
  scopes[1].count = 1
  const joined = [...parts[0], parts[1][0], ...parts[2]]
  const [whole] = lexicalScores('the garage', [{ lexical: new LexicalIndex(joined), count: joined.length }])
  const each = lexicalScores('the garage', scopes)
  expect(each.flatMap((scores) => [...scores])).toEqual([...whole])
})

test('no texts have no scores', () => {
  expect(lexicalScores('the canoe', [{ lexical: new LexicalIndex(), count: 0 }])).toEqual([
    new Float32Array(),
  ])
})
