import { stemmer } from 'stemmer'
import { expect, test } from 'vitest'
import { inContext, LexicalIndex, lexicalScores, STOP_WORDS } from '../../src/lexical'
import golden from '../fixtures/lexical.json'

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
const words = documents.map((text) => text.toLowerCase().match(/\p{L}+/gu)!)
const terms = words.map((document) => document.map(stemmer))

const all = { lexical: new LexicalIndex(documents), count: documents.length }

test.each([
  ['the canoe', ['canoe']],
  ['Garage?', ['garage']],
  ['canoes, canoe', ['canoe', 'canoe']],
  ['CAFÉ now', ['café', 'now']],
  ['zebra', ['zebra']],
  ['', []],
])('%s is scored by BM25+', (query, asked) => {
  const [scores] = lexicalScores(query, [all])
  bm25(terms, asked.map(stemmer)).forEach((score, i) => expect(scores[i]).toBeCloseTo(score, 5))
})

test.each(golden.queries)(
  '$query is scored as the training pipeline does',
  ({ query, scores, inContext: around }) => {
    const { segments } = golden
    const [found] = lexicalScores(query, [{ lexical: new LexicalIndex(segments), count: segments.length }])
    scores.forEach((score, i) => expect(found[i]).toBeCloseTo(score, 5))
    inContext(found).forEach((score, i) => expect(score).toBeCloseTo(around[i], 5))
  },
)

test.each(Object.entries(golden.stems))('%s is found by its stem, %s', (word, stem) => {
  const found = new LexicalIndex([word.toUpperCase()])
  expect(found.having(stem, 1)).toBe(1)
})

test('the words that are not looked up are those of the training pipeline', () =>
  expect([...STOP_WORDS].sort()).toEqual(golden.stopWords))

test('the words of a question are not looked up, but as part of a text they are there', () => {
  expect(lexicalScores('What was it?', [all])).toEqual([new Float32Array(documents.length)])
  expect(all.lexical.having('the', documents.length)).toBe(2)
})

test('one score in context falls by half with every step away', () => {
  expect(inContext(Float32Array.of(0, 0, 8, 0))).toEqual(Float32Array.of(2, 4, 8, 4))
  expect(inContext(new Float32Array())).toEqual(new Float32Array())
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
