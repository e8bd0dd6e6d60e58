/** What is kept of segments, and the chunks of 64 steps it is stored in: a checksum a row says where damage begins. */

import { checksum } from './checksum'
import type { Draft } from './segmenter'

export const CHUNK = 64

/** How many values are kept. */
export interface Widths {
  /** A segment: 2d + m. */
  embedding: number
  /** A segment: K · d. */
  latent: number
  /** A token: t; 0 where the model makes none. */
  token: number
}

/** What is kept of some segments, in reading order. */
export interface Records {
  segments: Draft[]
  /** [count, 2d + m]. */
  embeddings: Float32Array
  /** f16 bits, [count, K, d]. */
  latents: Uint16Array
  /** Of each, codes of its tokens [tokens, t], in a buffer of its own. */
  tokens: Int8Array[]
}

export type Kind = keyof Records
export type Rows = Records[Kind]
export const KINDS: readonly Kind[] = ['segments', 'embeddings', 'latents', 'tokens']

/** As stored. */
export interface Chunk {
  rows: Rows
  /** One a row. */
  sums: Uint32Array
}

/** Elements of a row in the chunks of a kind. */
export function rowWidth(kind: Kind, { embedding, latent }: Widths): number {
  return { segments: 1, embeddings: embedding, latents: latent, tokens: 1 }[kind]
}

/** The chunks of rows whose first is of a step that is a chunk's first, too. */
export function toChunks({ rows, sums }: Chunk, width: number): Chunk[] {
  return Array.from({ length: Math.ceil(sums.length / CHUNK) }, (_, i) =>
    slice({ rows, sums }, width, i * CHUNK, (i + 1) * CHUNK),
  )
}

/** Rows of steps from `step` on, with their checksums. */
export function seal(rows: Rows, width: number, step: number): Chunk {
  const sums = new Uint32Array(rows.length / width)
  for (let i = 0; i < sums.length; i++) sums[i] = rowSum(rows, width, i, step + i)
  return { rows, sums }
}

/** Rows [from, to) of a chunk. */
export function slice({ rows, sums }: Chunk, width: number, from: number, to: number): Chunk {
  return { rows: rows.slice(from * width, to * width), sums: sums.slice(from, to) }
}

/** One behind the other. */
export function join(a: Chunk, b: Chunk): Chunk {
  const sums = new Uint32Array(a.sums.length + b.sums.length)
  sums.set(a.sums)
  sums.set(b.sums, a.sums.length)
  return { rows: joinRows([a.rows, b.rows])!, sums }
}

/** Rows of one kind, one behind the other; undefined where there are no parts. */
export function joinRows(parts: Rows[]): Rows | undefined {
  const [first] = parts
  if (!first || Array.isArray(first)) return first && ((parts as unknown[][]).flat() as Rows)
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const joined = first instanceof Float32Array ? new Float32Array(length) : new Uint16Array(length)
  let at = 0
  for (const part of parts as Float32Array[]) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export function noRows(kind: Kind): Rows {
  return { segments: [], embeddings: new Float32Array(), latents: new Uint16Array(), tokens: [] }[kind]
}

/** Whether a stored value is a chunk of at least `count` rows, whole or not. */
export function isChunk(value: unknown, kind: Kind, width: number, count: number): value is Chunk {
  const { rows, sums } = (value ?? {}) as Partial<Chunk>
  const type = { segments: Array, embeddings: Float32Array, latents: Uint16Array, tokens: Array }[kind]
  return (
    rows instanceof type &&
    rows.length >= count * width &&
    sums instanceof Uint32Array &&
    sums.length >= count
  )
}

/** Whether the row of `step` in the stored value of its chunk is there as it was written. */
export function isWhole(value: unknown, kind: Kind, width: number, step: number): boolean {
  const i = step % CHUNK
  return (
    isChunk(value, kind, width, i + 1) &&
    (kind !== 'tokens' || value.rows[i] instanceof Int8Array) &&
    value.sums[i] === rowSum(value.rows, width, i, step)
  )
}

/** The step is part of it: a row at another's place is damage as well. */
function rowSum(rows: Rows, width: number, i: number, step: number): number {
  const row = Array.isArray(rows) ? rows[i] : rows.subarray(i * width, (i + 1) * width)
  return ArrayBuffer.isView(row) ? checksum(bytesOf(row), step) : jsonSum(row, step)
}

export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

const encoder = new TextEncoder()

/** Of a value that JSON can hold. */
export function jsonSum(value: unknown, seed = 0): number {
  return checksum(encoder.encode(JSON.stringify(value)), seed)
}
