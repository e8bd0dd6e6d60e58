/** Heads and rows as they are read within a transaction, and what is said where they are not as they were written. */

import { promisifyRequest } from 'idb-keyval'
import * as chunks from './chunks'
import { CHUNK, KINDS, rowWidth, type Chunk, type Kind, type Rows, type Widths } from './chunks'
import { chunkRange, FORMAT, headKey, headSum } from './database'
import { CorruptDataError, NewerFormatError } from './errors'

export interface Head {
  format: number
  name: string
  /** Tells a conversation from an earlier one of the same name. */
  incarnation: string
  space: string
  widths: Widths
  /** Rises with every write. */
  epoch: number
  /** Segments. */
  step: number
  created: number
  updated: number
  /** About. */
  bytes: number
  /** Checksum of all the other fields. */
  sum: number
}

/** What stands in a head's place but cannot be read as one. */
export const DAMAGED = 'damaged'

/** A conversation as a writer saw it: its head, DAMAGED, or undefined where there is none. */
export type Seen = Head | typeof DAMAGED | undefined

export function isSame(a: Seen, b: Seen): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  return a.incarnation === b.incarnation && a.epoch === b.epoch
}

/** What is stored of a conversation: before format 3 no tokens. */
export function kindsOf({ format }: Head): readonly Kind[] {
  return format < 3 ? KINDS.filter((kind) => kind !== 'tokens') : KINDS
}

/** A conversation whose head cannot be read. */
export interface Unreadable {
  name: string
  error: CorruptDataError | NewerFormatError
}

export function readHead(name: string, value: unknown): Head | Unreadable {
  const head = value as Head
  const what = `conversation ${name}`
  if (typeof head !== 'object' || head === null || head.name !== name || head.sum !== headSum(head))
    return { name, error: new CorruptDataError(what, 'its head is not as it was written', 0) }
  if (head.format > FORMAT) return { name, error: new NewerFormatError(what, head.format, FORMAT) }
  return { ...head, widths: { ...head.widths, token: head.widths.token ?? 0 } }
}

/** Throws NewerFormatError. */
export async function see(records: IDBObjectStore, name: string): Promise<Seen> {
  return getHead(records, name).catch((error) => {
    if (error instanceof CorruptDataError) return DAMAGED
    throw error
  })
}

/** Throws NewerFormatError, CorruptDataError. */
export async function getHead(records: IDBObjectStore, name: string): Promise<Head | undefined> {
  const value = await promisifyRequest<unknown>(records.get(headKey(name)))
  if (value === undefined) return undefined
  const head = readHead(name, value)
  if ('error' in head) throw head.error
  return head
}

/** Values by chunk number. */
export async function getChunks(
  records: IDBObjectStore,
  name: string,
  kind: Kind,
  first = 0,
  last?: number,
): Promise<Map<number, unknown>> {
  const range = chunkRange(name, kind, first, last)
  const [keys, values] = await Promise.all([
    promisifyRequest(records.getAllKeys(range)),
    promisifyRequest<unknown[]>(records.getAll(range)),
  ])
  return new Map(values.map((value, i) => [(keys[i] as [string, Kind, number])[2], value]))
}

/** Rows of steps [from, to), to <= head.step. */
export async function getRows(
  records: IDBObjectStore,
  head: Head,
  kind: Kind,
  from: number,
  to: number,
): Promise<Rows> {
  if (from >= to) return chunks.noRows(kind)
  if (!kindsOf(head).includes(kind)) return Array.from({ length: to - from }, () => new Int8Array())
  const width = rowWidth(kind, head.widths)
  const last = Math.ceil(to / CHUNK) - 1
  const found = await getChunks(records, head.name, kind, Math.floor(from / CHUNK), last)
  const parts: Rows[] = []
  for (let step = from; step < to;) {
    const i = Math.floor(step / CHUNK)
    const end = Math.min(to, (i + 1) * CHUNK)
    const chunk = found.get(i)
    for (let row = step; row < end; row++)
      if (!chunks.isWhole(chunk, kind, width, row))
        throw new CorruptDataError(
          `conversation ${head.name}`,
          `${kind} of step ${row} are not as they were written`,
          row,
        )
    parts.push((chunk as Chunk).rows.slice((step % CHUNK) * width, (end - i * CHUNK) * width))
    step = end
  }
  return chunks.joinRows(parts)!
}

/** What a write at `from` leaves of the chunk it falls in, checksums as they are: damage stays damage. */
export async function keptRows(
  records: IDBObjectStore,
  name: string,
  kind: Kind,
  width: number,
  from: number,
): Promise<Chunk> {
  const key = [name, kind, Math.floor(from / CHUNK)]
  const chunk = await promisifyRequest<unknown>(records.get(key))
  if (!chunks.isChunk(chunk, kind, width, from % CHUNK))
    throw new CorruptDataError(`conversation ${name}`, `${kind} before step ${from} are not all there`)
  return chunks.slice(chunk, width, 0, from % CHUNK)
}

export function rowCount(chunk: unknown): number {
  const { sums } = (chunk ?? {}) as Partial<Chunk>
  return sums instanceof Uint32Array ? Math.min(sums.length, CHUNK) : CHUNK
}
