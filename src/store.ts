/**
 * Conversations in IndexedDB. One is a head, and chunks of 64 steps keyed [name, kind, floor(step / 64)]: texts,
 * embeddings (f32), latents (f16 bits). Each write is one transaction, on disk when it resolves.
 */

import { promisifyRequest } from 'idb-keyval'
import {
  ConversationChangedError,
  CorruptDataError,
  NewerFormatError,
  StorageFullError,
  StorageUnavailableError,
} from './errors'
import type { Draft } from './segmenter'

const FORMAT = 1
const CHUNK = 64
const RECORDS = 'records'

/** Values a segment in the chunks of a kind. */
export interface Widths {
  /** 2d + m. */
  embedding: number
  /** K · d. */
  latent: number
}

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
}

/** What is kept of some segments, in reading order. */
export interface Records {
  segments: Draft[]
  /** [count, 2d + m]. */
  embeddings: Float32Array
  /** f16 bits, [count, K, d]. */
  latents: Uint16Array
}

type Kind = keyof Records
type Rows = Records[Kind]
const KINDS: readonly Kind[] = ['segments', 'embeddings', 'latents']

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

  /** By name. Throws NewerFormatError. */
  heads(): Promise<Head[]> {
    return this.transaction('readonly', async (records) => {
      const heads = await promisifyRequest<Head[]>(records.getAll(IDBKeyRange.bound(['', ''], ['', []])))
      return heads.map(readable)
    })
  }

  /** Undefined where there is none. Throws NewerFormatError. */
  head(name: string): Promise<Head | undefined> {
    return this.transaction('readonly', (records) => getHead(records, name))
  }

  /**
   * Segments [from, to) of the kinds asked for, and the head they belong to; undefined where there is none.
   * Throws NewerFormatError, CorruptDataError.
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
      const parts = await Promise.all(kinds.map((kind) => getRows(records, head, kind, start, end)))
      return { head, ...Object.fromEntries(kinds.map((kind, i) => [kind, parts[i]])) } as {
        head: Head
      } & Records
    })
  }

  /**
   * Applies a change if the conversation is still as `expected` says (undefined: not there), and gives its new head.
   * Throws ConversationChangedError, StorageFullError, NewerFormatError.
   */
  async write(name: string, expected: Head | undefined, change: Change): Promise<Head> {
    const { from, records: added, space, widths } = change
    const now = Date.now()
    const step = from + added.segments.length
    const bytesKept = expected?.step ? (expected.bytes * from) / expected.step : 0
    const head: Head = {
      format: FORMAT,
      name,
      incarnation: expected?.incarnation ?? crypto.randomUUID(),
      space,
      widths,
      epoch: (expected?.epoch ?? 0) + 1,
      step,
      created: expected?.created ?? now,
      updated: now,
      bytes: Math.round(bytesKept + bytesOf(added)),
    }
    await this.transaction('readwrite', async (records) => {
      const found = await getHead(records, name)
      if (found?.incarnation !== expected?.incarnation || found?.epoch !== expected?.epoch)
        throw new ConversationChangedError(name)
      const first = Math.floor(from / CHUNK)
      for (const kind of KINDS) {
        const width = rowWidth(kind, widths)
        const kept =
          found && from % CHUNK ? await getRows(records, found, kind, first * CHUNK, from) : undefined
        const rows = kept ? join(kept, added[kind]) : added[kind]
        if (found && from < found.step) records.delete(chunkRange(name, kind, first))
        for (let i = 0; i * CHUNK * width < rows.length; i++)
          records.put(rows.slice(i * CHUNK * width, (i + 1) * CHUNK * width), [name, kind, first + i])
      }
      records.put(head, headKey(name))
    })
    return head
  }

  /** Whether there was one. Throws NewerFormatError. */
  delete(name: string): Promise<boolean> {
    return this.transaction('readwrite', async (records) => {
      if (!(await getHead(records, name))) return false
      records.delete(headKey(name))
      for (const kind of KINDS) records.delete(chunkRange(name, kind, 0))
      return true
    })
  }

  /** Runs `work` in one transaction: all of it happens and is on disk, or, where it throws, nothing. */
  private async transaction<T>(
    mode: IDBTransactionMode,
    work: (records: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    const database = await (this.connection ??= this.connect())
    const transaction = database.transaction(RECORDS, mode, { durability: 'strict' })
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
    let failure: unknown
    const result = await work(transaction.objectStore(RECORDS)).catch((error) => {
      failure = error
      // Where the browser failed, it has aborted the transaction itself.
      if (!(error instanceof DOMException)) transaction.abort()
    })
    await ended.catch((error) => (failure ??= error))
    if (failure) throw named(failure)
    return result as T
  }

  private async connect(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.database, FORMAT)
    request.onupgradeneeded = () => request.result.createObjectStore(RECORDS)
    const forget = () => (this.connection = undefined)
    try {
      const database = await promisifyRequest(request)
      database.onclose = forget
      database.onversionchange = () => {
        database.close()
        forget()
      }
      return database
    } catch (error) {
      forget()
      if ((error as DOMException).name !== 'VersionError') throw named(error)
      const found = (await indexedDB.databases()).find(({ name }) => name === this.database)
      throw new NewerFormatError(`database ${this.database}`, found?.version ?? NaN, FORMAT)
    }
  }
}

/** Names are never empty, so these keys stand apart from the chunks'. */
function headKey(name: string): IDBValidKey {
  return ['', name]
}

/** An array sorts behind every number: by default all chunks from the first on. */
function chunkRange(name: string, kind: Kind, first: number, last: number | [] = []): IDBKeyRange {
  return IDBKeyRange.bound([name, kind, first], [name, kind, last])
}

async function getHead(records: IDBObjectStore, name: string): Promise<Head | undefined> {
  const head = await promisifyRequest<Head | undefined>(records.get(headKey(name)))
  return head && readable(head)
}

function readable(head: Head): Head {
  if (head.format > FORMAT) throw new NewerFormatError(`conversation ${head.name}`, head.format, FORMAT)
  return head
}

/** Rows of steps [from, to), to <= head.step. */
async function getRows(
  records: IDBObjectStore,
  head: Head,
  kind: Kind,
  from: number,
  to: number,
): Promise<Rows> {
  const first = Math.floor(from / CHUNK)
  const last = Math.max(first, Math.ceil(to / CHUNK) - 1)
  const chunks = await promisifyRequest<Rows[]>(records.getAll(chunkRange(head.name, kind, first, last)))
  const width = rowWidth(kind, head.widths)
  const rows = chunks.length ? join(...chunks) : empty(kind)
  if (from < to && rows.length !== (Math.min(head.step, (last + 1) * CHUNK) - first * CHUNK) * width)
    throw new CorruptDataError(
      `conversation ${head.name}`,
      `${kind} of steps ${from} to ${to} are not all there`,
    )
  return rows.slice((from - first * CHUNK) * width, (to - first * CHUNK) * width)
}

function rowWidth(kind: Kind, { embedding, latent }: Widths): number {
  return { segments: 1, embeddings: embedding, latents: latent }[kind]
}

function empty(kind: Kind): Rows {
  return { segments: [], embeddings: new Float32Array(), latents: new Uint16Array() }[kind]
}

/** Rows of one kind, one behind the other. */
function join(...parts: Rows[]): Rows {
  const [first] = parts
  if (Array.isArray(first)) return (parts as Draft[][]).flat()
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const joined = first instanceof Float32Array ? new Float32Array(length) : new Uint16Array(length)
  let at = 0
  for (const part of parts as Float32Array[]) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function bytesOf({ segments, embeddings, latents }: Records): number {
  return JSON.stringify(segments).length + embeddings.byteLength + latents.byteLength
}

/** The browser's error as one of ours. */
function named(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error
  if (error.name === 'QuotaExceededError') return new StorageFullError(error.message)
  return new StorageUnavailableError(`${error.name}: ${error.message}`)
}
