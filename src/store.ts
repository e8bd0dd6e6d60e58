/**
 * Conversations in IndexedDB. One is a head, and chunks of 64 steps keyed [name, kind, floor(step / 64)]: texts,
 * embeddings (f32), latents (f16 bits), tokens (8-bit codes). Each write is one transaction, on disk when it resolves.
 */

import { promisifyRequest } from 'idb-keyval'
import * as chunks from './chunks'
import { CHUNK, KINDS, rowWidth, type Chunk, type Kind, type Records, type Widths } from './chunks'
import { allHeads, chunkRange, connect, FORMAT, headKey, headSum, named, RECORDS } from './database'
import { ConversationChangedError } from './errors'
import {
  getChunks,
  getHead,
  getRows,
  isSame,
  keptRows,
  kindsOf,
  readHead,
  rowCount,
  see,
  type Head,
  type Seen,
  type Unreadable,
} from './records'
import type { Draft } from './segmenter'

/** What is left of a conversation. */
export interface Remains {
  head: Seen
  /** By step; undefined where the text is damaged or gone. */
  segments: (Draft | undefined)[]
  /** Segments from the first on that are as they were written, vectors included. */
  whole: number
}

/** What a write does: keeps the first `from` segments, and puts `records` behind them. */
export interface Change {
  from: number
  records: Records
  space: string
  widths: Widths
}

export class Store {
  private connection?: Promise<IDBDatabase>

  constructor(private readonly database: string) {}

  /** Of all conversations, by name. */
  heads(): Promise<(Head | Unreadable)[]> {
    return this.transaction('readonly', async (records) => {
      const [keys, heads] = await Promise.all([
        promisifyRequest(records.getAllKeys(allHeads())),
        promisifyRequest<unknown[]>(records.getAll(allHeads())),
      ])
      return heads.map((head, i) => readHead((keys[i] as [string, string])[1], head))
    })
  }

  /** Undefined where there is none. Throws NewerFormatError, CorruptDataError. */
  head(name: string): Promise<Head | undefined> {
    return this.transaction('readonly', (records) => getHead(records, name))
  }

  /**
   * Segments [from, to) of the kinds asked for, and the head they belong to; undefined where there is none.
   * Throws NewerFormatError, and CorruptDataError with the first step that is not as it was written.
   */
  read<K extends Kind>(
    name: string,
    from: number,
    to: number,
    kinds: readonly K[],
  ): Promise<({ head: Head } & Pick<Records, K>) | undefined> {
    return this.transaction('readonly', async (records) => {
      const head = await getHead(records, name)
      if (!head) return undefined
      const end = Math.min(to, head.step)
      const start = Math.min(from, end)
      const rows = await Promise.allSettled(
        kinds.map(async (kind) => [kind, await getRows(records, head, kind, start, end)]),
      )
      const failures = rows.flatMap((read) => (read.status === 'rejected' ? [read.reason] : []))
      if (failures.length) throw failures.reduce((a, b) => (b.step < a.step ? b : a))
      const parts = rows.flatMap((read) => (read.status === 'fulfilled' ? [read.value] : []))
      return { head, ...Object.fromEntries(parts) } as {
        head: Head
      } & Records
    })
  }

  /**
   * Applies a change if the conversation is still as `expected` says, and gives its new head.
   * Throws ConversationChangedError, StorageFullError, NewerFormatError, CorruptDataError.
   */
  async write(name: string, expected: Seen, change: Change): Promise<Head> {
    const { from, records: added, space, widths } = change
    const before = typeof expected === 'object' ? expected : undefined
    const now = Date.now()
    const bytesKept = before?.step ? (before.bytes * from) / before.step : 0
    const head = sealed({
      format: FORMAT,
      name,
      incarnation: before?.incarnation ?? crypto.randomUUID(),
      space,
      widths,
      epoch: (before?.epoch ?? 0) + 1,
      step: from + added.segments.length,
      created: before?.created ?? now,
      updated: now,
      bytes: Math.round(bytesKept + bytesOf(added)),
    })
    const fresh = KINDS.map((kind) => chunks.seal(added[kind], rowWidth(kind, widths), from))
    await this.transaction('readwrite', async (records) => {
      if (!isSame(await see(records, name), expected)) throw new ConversationChangedError(name)
      const first = Math.floor(from / CHUNK)
      for (const [k, kind] of KINDS.entries()) {
        const width = rowWidth(kind, widths)
        const kept = from % CHUNK ? [await keptRows(records, name, kind, width, from)] : []
        const tail = [...kept, fresh[k]].reduce(chunks.join)
        if (!before || from < before.step) records.delete(chunkRange(name, kind, first))
        for (const [i, chunk] of chunks.toChunks(tail, width).entries())
          records.put(chunk, [name, kind, first + i])
      }
      records.put(head, headKey(name))
    })
    return head
  }

  /** Deletes all there is of it, damaged or not; whether there was anything. Throws NewerFormatError. */
  delete(name: string): Promise<boolean> {
    return this.transaction('readwrite', async (records) => {
      const ranges = KINDS.map((kind) => chunkRange(name, kind, 0))
      const counts = await Promise.all(ranges.map((range) => promisifyRequest(records.count(range))))
      const seen = await see(records, name)
      records.delete(headKey(name))
      for (const range of ranges) records.delete(range)
      return seen !== undefined || counts.some((count) => count > 0)
    })
  }

  /** What is left of a conversation, whatever happened to it. Throws NewerFormatError. */
  remains(name: string, widths: Widths): Promise<Remains> {
    return this.transaction('readonly', async (records) => {
      const head = await see(records, name)
      const found = new Map(
        await Promise.all(KINDS.map(async (kind) => [kind, await getChunks(records, name, kind)] as const)),
      )
      const ends = [...found.get('segments')!].map(([i, chunk]) => i * CHUNK + rowCount(chunk))
      const count = typeof head === 'object' ? head.step : Math.max(0, ...ends)
      const own = typeof head === 'object' ? head.widths : widths
      const chunkOf = (kind: Kind, step: number) => found.get(kind)!.get(Math.floor(step / CHUNK))
      const isThere = (kind: Kind, step: number) =>
        chunks.isWhole(chunkOf(kind, step), kind, rowWidth(kind, own), step)
      const segments = Array.from({ length: count }, (_, step) =>
        isThere('segments', step)
          ? ((chunkOf('segments', step) as Chunk).rows[step % CHUNK] as Draft)
          : undefined,
      )
      const kinds = typeof head === 'object' ? kindsOf(head) : KINDS
      const damage = segments.findIndex((segment, step) =>
        kinds.some((kind) => (kind === 'segments' ? !segment : !isThere(kind, step))),
      )
      return { head, segments, whole: damage < 0 ? count : damage }
    })
  }

  /** Runs `work` in one transaction: all of it happens and is on disk, or, where it throws, nothing. */
  private async transaction<T>(
    mode: IDBTransactionMode,
    work: (records: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    this.connection ??= connect(this.database, () => (this.connection = undefined))
    const database = await this.connection
    const transaction = database.transaction(RECORDS, mode, { durability: 'strict' })
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
    let failure: unknown
    const result = await work(transaction.objectStore(RECORDS)).catch((error) => {
      failure = error
      try {
        transaction.abort()
      } catch {
        // The browser has aborted it itself.
      }
    })
    // The transaction knows better than its requests, which only say that it was aborted.
    await ended.catch((error) => {
      if (!failure || failure instanceof DOMException) failure = error ?? failure
    })
    if (failure) throw named(failure)
    return result as T
  }
}

function sealed(head: Omit<Head, 'sum'>): Head {
  return { ...head, sum: headSum(head) }
}

function bytesOf({ segments, embeddings, latents, tokens }: Records): number {
  const vectors = [embeddings, latents, ...tokens].reduce((sum, { byteLength }) => sum + byteLength, 0)
  return JSON.stringify(segments).length + vectors
}
