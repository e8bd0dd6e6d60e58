/** The IndexedDB database conversations are stored in: its keys, its versions, its failures by name. */

import { promisifyRequest } from 'idb-keyval'
import { CHUNK, jsonSum, KINDS, rowWidth, seal, type Kind, type Rows, type Widths } from './chunks'
import { NewerFormatError, StorageFullError, StorageUnavailableError } from './errors'

/**
 * Of the database and of each conversation.
 * 1: chunks are bare rows, heads have no checksum. 2: chunks are rows and a checksum each, heads have one. 3: tokens are
 * kept, too; a conversation of format 2 stays what it is until it is read again.
 */
export const FORMAT = 3
export const RECORDS = 'records'

/** How long other tabs, told to close an older version, may take to end what they are writing. */
const UPGRADE_PATIENCE_MS = 5_000

/** Names are never empty, so these keys stand apart from the chunks'. */
export function headKey(name: string): IDBValidKey {
  return ['', name]
}

/** The keys of all heads. */
export const allHeads = (): IDBKeyRange => IDBKeyRange.bound(['', ''], ['', []])

/** An array sorts behind every number: by default all chunks from the first on. */
export function chunkRange(name: string, kind: Kind, first: number, last: number | [] = []): IDBKeyRange {
  return IDBKeyRange.bound([name, kind, first], [name, kind, last])
}

/** Of all fields of a head but `sum`. */
export function headSum({ sum: _, ...head }: object & { sum?: number }): number {
  return jsonSum(head)
}

/**
 * Opens the database, and brings it to this version. `onClosed` hears when the browser, or a newer version in another
 * tab, closes it, and when it could not be opened.
 * Throws NewerFormatError, StorageUnavailableError.
 */
export async function connect(name: string, onClosed: () => void): Promise<IDBDatabase> {
  try {
    if (!globalThis.indexedDB) throw new StorageUnavailableError('this browser has none')
    const request = indexedDB.open(name, FORMAT)
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion === 0) request.result.createObjectStore(RECORDS)
      else if (oldVersion === 1) addChecksums(request.transaction!.objectStore(RECORDS))
    }
    const database = await Promise.race([promisifyRequest(request), blocked(request)])
    database.onclose = onClosed
    database.onversionchange = () => {
      database.close()
      onClosed()
    }
    return database
  } catch (error) {
    onClosed()
    if ((error as Error).name !== 'VersionError') throw named(error)
    const found = (await indexedDB.databases()).find((database) => database.name === name)
    throw new NewerFormatError(`database ${name}`, found?.version ?? NaN, FORMAT)
  }
}

/** The browser's error as one of ours. */
export function named(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error
  if (error.name === 'QuotaExceededError') return new StorageFullError(error.message)
  return new StorageUnavailableError(`${error.name}: ${error.message}`)
}

/** Rejects where another tab holds an older version open for too long; what is opened later is closed at once. */
function blocked(request: IDBOpenDBRequest): Promise<never> {
  return new Promise((_, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const giveUp = () => {
      request.onsuccess = () => request.result.close()
      reject(new StorageUnavailableError('another tab holds an older version of it open; close that tab'))
    }
    request.onblocked = () => (timer = setTimeout(giveUp, UPGRADE_PATIENCE_MS))
    request.addEventListener('success', () => clearTimeout(timer))
    request.addEventListener('error', () => clearTimeout(timer))
  })
}

/** From format 1: atomic, as all of an upgrade is. */
function addChecksums(records: IDBObjectStore): void {
  records.getAll(allHeads()).onsuccess = ({ target }) => {
    const heads = (target as IDBRequest<{ name: string; format: number; widths: Widths }[]>).result
    for (const head of heads.filter(({ format }) => format === 1)) {
      const upgraded = { ...head, format: 2 }
      records.put({ ...upgraded, sum: headSum(upgraded) }, headKey(head.name))
      for (const kind of KINDS)
        records.openCursor(chunkRange(head.name, kind, 0)).onsuccess = ({ target }) => {
          const cursor = (target as IDBRequest<IDBCursorWithValue | null>).result
          if (!cursor) return
          const [, , i] = cursor.key as [string, Kind, number]
          cursor.update(seal(cursor.value as Rows, rowWidth(kind, head.widths), i * CHUNK))
          cursor.continue()
        }
    }
  }
}
