/**
 * Late interaction with memory: each token of a query finds the one of a segment that is most like it (ColBERT's MaxSim;
 * Khattab and Zaharia 2020), or one of a segment read shortly before, which counts the less the longer ago.
 * `training/late_interaction.py` computes the same.
 */

import { projectedWidth } from './backend/backend'
import { loadKernels, type Kernels } from './simd/load'

/** The largest code. */
const CODES = 127

/** f32 in the kernel's memory, which is laid out as query, tokens, zeros (one a token), products. */
const QUERY = 65_536
const TOKENS = 65_536
const ZEROS = 16_384
const PRODUCTS = 262_144

let kernels: Kernels | undefined

/** A query's tokens. */
export interface LateQuery {
  /** [tokens, t], of length 1 each. */
  vectors: Float32Array
  /** [tokens]; their sum is 1. */
  weights: Float32Array
  /** [tokens], 0..1: what is left a segment later of what one finds. */
  decays: Float32Array
}

/** What a query finds at one step. */
export interface Found {
  /** About -1..1. */
  score: number
  /** How like each token of the query [tokens] the one of the segment is that is most like it. */
  alone: Float32Array
  /** The same of it and of those read shortly before, which count the less the longer ago. */
  remembered: Float32Array
}

/** A segment's tokens as 8-bit codes [tokens, t], of its raw rows [tokens, t + 2], special tokens included. */
export function tokenCodes(raw: Float32Array, t: number): Int8Array<ArrayBuffer> {
  const codes = new Int8Array(ownTokens(raw, t) * t)
  for (let i = 0; i < codes.length; i += t) {
    const x = rowOf(raw, t, i / t)
    const scale = CODES / (lengthOf(x, t) || 1)
    for (let k = 0; k < t; k++) codes[i + k] = Math.round(scale * x[k])
  }
  return codes
}

/** A query's tokens, of its raw rows [tokens, t + 2], special tokens included. */
export function lateQuery(raw: Float32Array, t: number): LateQuery {
  const count = ownTokens(raw, t)
  const vectors = new Float32Array(count * t)
  const weights = new Float32Array(count)
  const decays = new Float32Array(count)
  let sum = 0
  for (let i = 0; i < count; i++) {
    const x = rowOf(raw, t, i)
    const length = lengthOf(x, t) || 1
    for (let k = 0; k < t; k++) vectors[i * t + k] = x[k] / length
    sum += weights[i] = softplus(x[t])
    decays[i] = 1 / (1 + Math.exp(-x[t + 1]))
  }
  const total = Math.max(sum, 1e-9)
  return { vectors, weights: weights.map((weight) => weight / total), decays }
}

/**
 * What a query finds in the segments at these steps.
 * @param tokens codes [tokens, t] of every segment, by step; a segment without any is like nothing: 0
 * @param reach how many segments before one count for it
 */
export function lateInteraction(
  query: LateQuery,
  tokens: readonly Int8Array[],
  steps: ArrayLike<number>,
  reach: number,
): Found[] {
  const { weights, decays } = query
  const needed = new Set<number>()
  for (let n = 0; n < steps.length; n++)
    for (let age = 0; age <= Math.min(reach, steps[n]); age++) needed.add(steps[n] - age)
  const near = nearest(query, tokens, [...needed])
  return Array.from(steps, (step) => {
    const alone = near.get(step)!
    const remembered = alone.map((best, i) => {
      for (let age = 1; age <= Math.min(reach, step); age++)
        best = Math.max(best, decays[i] ** age * near.get(step - age)![i])
      return best
    })
    return { score: weights.reduce((sum, weight, i) => sum + weight * remembered[i], 0), alone, remembered }
  })
}

/** By step, how like each token of the query [tokens] the one of the segment is that is most like it. */
function nearest(
  { vectors, weights }: LateQuery,
  tokens: readonly Int8Array[],
  steps: number[],
): Map<number, Float32Array> {
  const count = weights.length
  if (!count) return new Map(steps.map((step) => [step, new Float32Array()]))
  const t = vectors.length / count
  const width = upTo(4, t)
  const rows = upTo(4, count)
  if (rows * width > QUERY)
    throw new RangeError(`${count} tokens of ${t} values: the kernel takes ${QUERY} in all`)
  const { memory, linear } = (kernels ??= loadKernels(QUERY + TOKENS + ZEROS + PRODUCTS))
  memory.fill(0, 0, rows * width)
  for (let i = 0; i < count; i++) memory.set(vectors.subarray(i * t, (i + 1) * t), i * width)

  const most = Math.min(TOKENS / width, PRODUCTS / rows) & ~1
  const owners: Float32Array[] = []
  const compare = () => {
    const outer = upTo(2, owners.length)
    linear(0, 4 * QUERY, 4 * (QUERY + TOKENS), 4 * (QUERY + TOKENS + ZEROS), rows, width, outer)
    for (let i = 0, at = QUERY + TOKENS + ZEROS; i < count; i++, at += outer)
      owners.forEach((near, j) => (near[i] = Math.max(near[i], memory[at + j] / CODES)))
    owners.length = 0
  }
  const found = new Map<number, Float32Array>()
  for (const step of steps) {
    const codes = tokens[step]
    const near = new Float32Array(count).fill(codes.length ? -Infinity : 0)
    found.set(step, near)
    for (let from = 0; from < codes.length; from += t) {
      const at = QUERY + owners.length * width
      for (let k = 0; k < width; k++) memory[at + k] = k < t ? codes[from + k] : 0
      if (owners.push(near) === most) compare()
    }
  }
  if (owners.length) compare()
  return found
}

/** Values of a text's own tokens, rows [n], as those of all its tokens [rows, n + 2]: 0 for the special ones. */
export function rowsOfAll(rows: Float32Array[]): Float32Array {
  const width = rows[0].length + 2
  const all = new Float32Array(rows.length * width)
  rows.forEach((row, i) => all.set(row, i * width + 1))
  return all
}

/** How many there are besides the first and the last, which are special. */
function ownTokens(raw: Float32Array, t: number): number {
  return Math.max(0, raw.length / projectedWidth(t) - 2)
}

/** Of the token i of its own, as projected [t + 2]. */
function rowOf(raw: Float32Array, t: number, i: number): Float32Array {
  const width = projectedWidth(t)
  return raw.subarray((i + 1) * width, (i + 2) * width)
}

function lengthOf(x: Float32Array, t: number): number {
  let squares = 0
  for (let k = 0; k < t; k++) squares += x[k] * x[k]
  return Math.sqrt(squares)
}

/** log(1 + e^x), without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/** The least multiple of `unit` from x on. */
function upTo(unit: number, x: number): number {
  return unit * Math.ceil(x / unit)
}
