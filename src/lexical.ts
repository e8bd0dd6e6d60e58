/** BM25+ (Lv and Zhai 2011) over English stems, and scores in context; `training/lexical.py` computes the same. */

import { stemmer } from 'stemmer'

const K = 1.2
const B = 0.7
const D = 0.5
/** The share of a segment's score that counts for each of its neighbours, and of that for the next. */
const CONTEXT = 0.5
/** Of a query; `s` and `t` are what follows an apostrophe. */
export const STOP_WORDS = new Set(
  (
    'a an the and or i you he she it we they me him her us them my your his its our their this that these those ' +
    'am is are was were be been do does did has have had will would can could ' +
    'what when where which who whom whose why how in on at to of for from with by about as s t'
  ).split(' '),
)

/** In which texts a term stands, ascending, and how often in each. */
interface Postings {
  texts: number[]
  frequencies: number[]
}

/** Terms of texts that only ever grow in number: it tells their scores as of any earlier number, too. */
export class LexicalIndex {
  private readonly postings = new Map<string, Postings>()
  /** By word: the same words come again and again. */
  private readonly stems = new Map<string, string>()
  /** Lengths of the first i texts together; a text's length is its number of distinct terms. */
  private readonly lengths = [0]

  constructor(texts: Iterable<string> = []) {
    for (const text of texts) this.push(text)
  }

  push(text: string): void {
    const counts = new Map<string, number>()
    for (const word of wordsOf(text)) {
      const term = this.stem(word)
      counts.set(term, (counts.get(term) ?? 0) + 1)
    }
    const at = this.lengths.length - 1
    for (const [term, frequency] of counts) {
      const postings = this.postings.get(term)
      if (postings) {
        postings.texts.push(at)
        postings.frequencies.push(frequency)
      } else this.postings.set(term, { texts: [at], frequencies: [frequency] })
    }
    this.lengths.push(this.lengths[at] + counts.size)
  }

  private stem(word: string): string {
    const known = this.stems.get(word)
    if (known !== undefined) return known
    const stem = stemmer(word)
    this.stems.set(word, stem)
    return stem
  }

  /** Of the first `count` texts together. */
  length(count: number): number {
    return this.lengths[count]
  }

  /** How many of the first `count` texts have the term. */
  having(term: string, count: number): number {
    return below(this.postings.get(term)?.texts ?? [], count)
  }

  /** Adds to the scores of the first texts [scores.length] what the term is worth to them. */
  add(scores: Float32Array, term: string, rarity: number, meanLength: number): void {
    const { lengths } = this
    const { texts, frequencies } = this.postings.get(term) ?? { texts: [], frequencies: [] }
    for (let i = 0; i < texts.length && texts[i] < scores.length; i++) {
      const [text, frequency] = [texts[i], frequencies[i]]
      const norm = 1 - B + (B * (lengths[text + 1] - lengths[text])) / meanLength
      scores[text] += rarity * (D + (frequency * (K + 1)) / (frequency + K * norm))
    }
  }
}

/**
 * Scores [count] of the first `count` texts of each index; 0 where no term matches. All are one collection: rarity and
 * mean length are of all together, so that scores compare across them.
 */
export function lexicalScores(
  query: string,
  scopes: { lexical: LexicalIndex; count: number }[],
): Float32Array[] {
  const sum = (of: (scope: (typeof scopes)[number]) => number) =>
    scopes.reduce((total, scope) => total + of(scope), 0)
  const texts = sum(({ count }) => count)
  const meanLength = sum(({ lexical, count }) => lexical.length(count)) / texts
  const scores = scopes.map(({ count }) => new Float32Array(count))
  const terms = wordsOf(query)
    .filter((word) => !STOP_WORDS.has(word))
    .map(stemmer)
  for (const term of terms) {
    const having = sum(({ lexical, count }) => lexical.having(term, count))
    const rarity = Math.log(1 + (texts - having + 0.5) / (having + 0.5))
    scopes.forEach(({ lexical }, i) => lexical.add(scores[i], term, rarity, meanLength))
  }
  return scores
}

/** Scores of consecutive texts, each with those around it, which count less the farther they are: CONTEXT to the distance. */
export function inContext(scores: Float32Array): Float32Array {
  const told = scores.slice()
  for (let i = 0, before = 0; i < scores.length; i++) {
    told[i] += before
    before = CONTEXT * (before + scores[i])
  }
  for (let i = scores.length - 1, after = 0; i >= 0; i--) {
    told[i] += after
    after = CONTEXT * (after + scores[i])
  }
  return told
}

/** Lower-cased runs between line ends, white space and punctuation. */
function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\t-\r\p{Z}\p{P}]+/u)
    .filter(Boolean)
}

/** How many of the ascending values are below the limit. */
function below(ascending: number[], limit: number): number {
  let [from, to] = [0, ascending.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (ascending[middle] < limit) from = middle + 1
    else to = middle
  }
  return from
}
