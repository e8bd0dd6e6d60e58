/** Search: scores by mode, fused with the lexical score and with late interaction, filtered, reranked, calibrated. */

import type { Backend, Candidates } from './backend/backend'
import type { Contents } from './contents'
import { InvalidArgumentError } from './errors'
import { lateInteraction, rowsOfAll, type Found, type LateQuery } from './lateInteraction'
import type { Calibration, Manifest } from './manifest'
import type { Hit, Metadata, SearchMode, SearchOptions, Segment } from './protocol'
import { topK } from './vectorIndex'

/** One conversation as a search sees it. */
export interface Scope {
  conversation: string
  contents: Contents
  /** Segments before this step are candidates; the query is asked here. */
  step: number
  /** Only these of them. */
  only?: ReadonlySet<number>
  /** The query's vector [2d + m] against the memory at `step`, as it searches. */
  vector: Float32Array
  /** How much it relies on that memory, 0..1. */
  reliance: number
  /** Its memory rows [K, d]. */
  rows: Float32Array
  /** Its tokens. */
  late: LateQuery
  /** The encoder's middle states of them [n, d], special ones included. */
  states: Float32Array
}

/** What a search needs besides: BM25 scores, in context, of each scope's segments, and the device's reranker. */
export interface Means {
  lexical(): Float32Array[]
  rerank: Backend['rerank']
}

type RankingOptions = Omit<SearchOptions, 'at'>

const MODES: SearchMode[] = ['evolved', 'static', 'hybrid']

/** Throws InvalidArgumentError naming the first option that is not allowed. */
export function checkSearchOptions({ topK, mode, minScore, since, roles }: RankingOptions): void {
  if (topK !== undefined && !(Number.isInteger(topK) && topK > 0))
    throw new InvalidArgumentError('topK', topK, 'an integer above 0')
  if (mode !== undefined && !MODES.includes(mode))
    throw new InvalidArgumentError('mode', mode, MODES.map((name) => `'${name}'`).join(', '))
  if (minScore !== undefined && !(typeof minScore === 'number' && minScore >= 0 && minScore <= 1))
    throw new InvalidArgumentError('minScore', minScore, 'a number in 0..1')
  const time = since instanceof Date ? since.getTime() : since
  if (time !== undefined && (typeof time !== 'number' || Number.isNaN(time)))
    throw new InvalidArgumentError('since', since, 'a valid Date, or milliseconds since 1970')
  if (roles !== undefined && !Array.isArray(roles)) throw new InvalidArgumentError('roles', roles, 'an array')
}

/** The hits among the scopes' segments, best first; equals with the newer step first. */
export async function search(
  scopes: Scope[],
  options: RankingOptions,
  manifest: Manifest,
  means: Means,
): Promise<Hit[]> {
  const { mode = 'hybrid', topK: k = 10, rerank = mode === 'hybrid', minScore = 0 } = options
  const { scopeOf, stepOf } = candidates(scopes, options)
  const gather = (ofScopes: Float32Array[]) => {
    const gathered = new Float64Array(stepOf.length)
    for (let i = 0; i < gathered.length; i++) gathered[i] = ofScopes[scopeOf[i]][stepOf[i]]
    return gathered
  }

  const dense = gather(
    scopes.map(({ contents, vector, step }) =>
      contents.embeddings.scores(mode === 'static' ? vector.subarray(0, manifest.d) : vector, step),
    ),
  )
  const { fusion, late } = manifest
  const reliance = (i: number) => scopes[scopeOf[i]].reliance
  const scores =
    mode === 'hybrid'
      ? fuse(dense, gather(means.lexical()), (i) => fusion.lexicalWeight * (1 - reliance(i)))
      : dense
  const slots = rerank || mode !== 'static' ? manifest.rerank.candidates : 0
  const order = topK(scores, Math.max(k, slots), stepOf)
  // Scores fall with rank: a hit takes the score of the place it moves to.
  const calibration = manifest.calibration[mode === 'static' ? 'static' : 'evolved']
  const calibrated = order.map((i) => calibrate(scores[i], calibration))

  /** Gives the members, by these ratings of theirs, the places they hold together. */
  const reorder = (places: number[], members: number[], ratings: ArrayLike<number>) => {
    const steps = members.map((i) => stepOf[i])
    topK(ratings, members.length, steps).forEach((member, i) => (order[places[i]] = members[member]))
  }
  const top = order.slice(0, slots)
  const inTokens = new Map<number, Found>()
  for (const [s, scope] of scopes.entries()) {
    const members = top.filter((i) => scopeOf[i] === s)
    if (!members.length) continue
    const found = lateInteraction(scope.late, scope.contents.tokens, pick(stepOf, members), late.reach)
    members.forEach((i, n) => inTokens.set(i, found[n]))
  }
  /** What the top candidates are ordered by. */
  let rated = scores
  if (mode !== 'static') {
    const [a, b] = [
      zScores(pick(scores, top)),
      zScores(Float64Array.from(top, (i) => inTokens.get(i)!.score)),
    ]
    rated = new Float64Array(scores.length)
    top.forEach(
      (i, place) => (rated[i] = a[place] + late.weight * (1 - late.yields * reliance(i)) * b[place]),
    )
    reorder([...top.keys()], top, pick(rated, top))
  }
  for (const [s, scope] of rerank ? scopes.entries() : []) {
    // A scope's candidates change places with each other: only they share a memory.
    const places = order.flatMap((i, place) => (place < slots && scopeOf[i] === s ? [place] : []))
    if (places.length < 2) continue
    const members = places.map((place) => order[place]).sort((a, b) => stepOf[a] - stepOf[b])
    const steps = Int32Array.from(members, (i) => stepOf[i])
    const { floor } = manifest.rerank
    const trust = floor + (1 - floor) * scope.reliance
    const found = members.map((i) => inTokens.get(i)!)
    const listed = toRerank(scope, trust, steps, pick(rated, members), found)
    reorder(places, members, await means.rerank(listed))
  }

  return order.slice(0, k).flatMap((i, place) => {
    const score = calibrated[place]
    return score < minScore ? [] : [hit(scopes[scopeOf[i]], stepOf[i], score, manifest.d)]
  })
}

/** Of which scope each candidate is, and its step there. */
function candidates(scopes: Scope[], options: RankingOptions): { scopeOf: number[]; stepOf: number[] } {
  const passes = filterOf(options)
  const scopeOf: number[] = []
  const stepOf: number[] = []
  for (const [s, { contents, step: end, only }] of scopes.entries())
    for (let i = 0; i < end; i++)
      if ((!only || only.has(i)) && (!passes || passes(contents.segments[i]))) {
        scopeOf.push(s)
        stepOf.push(i)
      }
  return { scopeOf, stepOf }
}

/** Whether a segment is wanted; undefined where all are. */
function filterOf({ since, roles, filter }: RankingOptions): ((segment: Segment) => boolean) | undefined {
  const from = since === undefined ? undefined : Number(since)
  const wanted = Object.entries(filter ?? {})
  if (from === undefined && !roles && !wanted.length) return undefined
  return ({ time, role, metadata }) =>
    (from === undefined || (time !== undefined && time >= from)) &&
    (!roles || (role !== undefined && roles.includes(role))) &&
    wanted.every(([key, value]) => matches(metadata?.[key], value))
}

function matches(
  value: Metadata[string] | undefined,
  wanted: Metadata[string] | Metadata[string][],
): boolean {
  return value !== undefined && (Array.isArray(wanted) ? wanted.includes(value) : value === wanted)
}

/** z-scores mixed, in the dense scores' units: their mean, plus their deviation times the mixture. */
function fuse(dense: Float64Array, lexical: Float64Array, lexicalShare: (i: number) => number): Float64Array {
  const { mean, deviation } = moments(dense)
  const [a, b] = [zScores(dense), zScores(lexical)]
  const fused = new Float64Array(dense.length)
  for (let i = 0; i < fused.length; i++) {
    const share = lexicalShare(i)
    fused[i] = mean + deviation * ((1 - share) * a[i] + share * b[i])
  }
  return fused
}

function pick(values: ArrayLike<number>, indices: number[]): Float64Array {
  return Float64Array.from(indices, (i) => values[i])
}

function zScores(values: Float64Array): Float64Array {
  const { mean, deviation } = moments(values)
  const scores = new Float64Array(values.length)
  if (deviation > 0) for (let i = 0; i < scores.length; i++) scores[i] = (values[i] - mean) / deviation
  return scores
}

function moments(values: Float64Array): { mean: number; deviation: number } {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  const mean = sum / values.length
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / values.length) }
}

function calibrate(score: number, { slope, intercept }: Calibration): number {
  return 1 / (1 + Math.exp(-(slope * score + intercept)))
}

/** The candidates at these steps, ascending, as the reranker reads them. */
function toRerank(
  { contents, vector, rows, states, step }: Scope,
  trust: number,
  steps: Int32Array,
  scores: Float64Array,
  found: Found[],
): Candidates {
  return {
    scores: Float32Array.from(zScores(scores)),
    late: Float32Array.from(zScores(Float64Array.from(found, ({ score }) => score))),
    found: rowsOfAll([...found.map(({ alone }) => alone), ...found.map(({ remembered }) => remembered)]),
    embeddings: contents.embeddings.pick(steps),
    latents: contents.latents.pick(steps),
    steps,
    query: vector,
    trust,
    queryStep: step,
    queryRows: rows,
    queryStates: states,
  }
}

function hit({ conversation, contents, vector }: Scope, step: number, score: number, d: number): Hit {
  const row = contents.embeddings.row(step)
  const dot = (to: number) => {
    let sum = 0
    for (let i = 0; i < to; i++) sum += vector[i] * row[i]
    return sum
  }
  return {
    ...contents.segments[step],
    conversation,
    score,
    staticScore: dot(d),
    evolvedScore: dot(row.length),
  }
}
