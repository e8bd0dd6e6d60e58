/** A model folder at a URL: its manifest, and its files, each verified and kept for the next time. */

import { InsecureContextError, ModelCorruptError, ModelFetchError } from './errors'
import { parseManifest, type Manifest } from './manifest'
import type { CallOptions } from './protocol'

export type Files = Map<string, Uint8Array<ArrayBuffer>>

const MANIFEST = 'evo.json'

export class ModelFolder {
  /** Bytes read so far, and how many of them came from the cache. */
  readonly bytes = { total: 0, fromCache: 0 }

  private constructor(
    private readonly url: URL,
    private readonly cache: Cache | undefined,
    private readonly json: string,
    readonly manifest: Manifest,
  ) {}

  /**
   * Reads evo.json: from the network, or as last seen when there is none.
   * @param url absolute, or relative to the page (in a worker: to its script)
   * @throws InsecureContextError, ModelFetchError, ModelCorruptError, NewerFormatError
   */
  static async open(url: string, signal?: AbortSignal): Promise<ModelFolder> {
    if (!globalThis.crypto?.subtle) throw new InsecureContextError(['WebCrypto'])
    const folder = new URL(url.endsWith('/') ? url : `${url}/`, globalThis.location?.href)
    const cache = await openCache(folder)
    const json = await fetchManifest(new URL(MANIFEST, folder), cache, signal)
    return new ModelFolder(folder, cache, json, parseManifest(json))
  }

  /**
   * The files at these paths, all or none. Each is what the manifest says it is, by size and SHA-256.
   * @throws ModelFetchError, ModelCorruptError, the signal's reason
   */
  async read(paths: readonly string[], { signal, onProgress }: CallOptions = {}): Promise<Files> {
    const entries = paths.map((path) => [path, this.entry(path)] as const)
    const total = entries.reduce((sum, [, { bytes }]) => sum + bytes, 0)
    let done = 0
    const report = (detail: string, bytes: number) => {
      done += bytes
      onProgress?.({ phase: 'download', done, total, unit: 'bytes', detail })
    }
    // The first failure ends the other downloads.
    const failure = new AbortController()
    const either = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal
    try {
      return new Map(
        await Promise.all(
          entries.map(async ([path, entry]) => {
            const bytes = await this.file(path, entry, either, (count) => report(path, count))
            return [path, bytes] as const
          }),
        ),
      )
    } catch (error) {
      failure.abort(error)
      throw error
    }
  }

  /** Makes this the version that later loads find without a network, and drops the files of older ones. */
  async keep(): Promise<void> {
    const manifest = new URL(MANIFEST, this.url).href
    await spared(this.cache?.put(manifest, new Response(this.json)))
    const current = Object.values(this.manifest.files).map(({ sha256 }) => this.key(sha256))
    for (const request of (await spared(this.cache?.keys())) ?? [])
      if (request.url !== manifest && !current.includes(request.url))
        await spared(this.cache!.delete(request))
  }

  private async file(
    path: string,
    { sha256, bytes: size }: { sha256: string; bytes: number },
    signal: AbortSignal,
    report: (bytes: number) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const key = this.key(sha256)
    const cached = await spared(this.cache?.match(key))
    if (cached) {
      const bytes = new Uint8Array(await cached.arrayBuffer())
      signal.throwIfAborted()
      if ((await hex(bytes)) === sha256) {
        this.bytes.total += size
        this.bytes.fromCache += size
        report(size)
        return bytes
      }
      await spared(this.cache!.delete(key))
    }
    const url = new URL(path, this.url)
    const bytes = await download(await request(url, signal, 'no-cache'), path, size, report)
    const found = await hex(bytes)
    if (found !== sha256) throw new ModelCorruptError(path, `its SHA-256 is ${found}, not ${sha256}`)
    signal.throwIfAborted()
    this.bytes.total += size
    await spared(this.cache?.put(key, new Response(bytes)))
    return bytes
  }

  private entry(path: string): { sha256: string; bytes: number } {
    const entry = this.manifest.files[path]
    if (!entry) throw new ModelCorruptError(MANIFEST, `files lacks ${JSON.stringify(path)}`)
    return entry
  }

  private key(sha256: string): string {
    return new URL(`sha256-${sha256}`, this.url).href
  }
}

/** Private windows may have no Cache Storage: then every load fetches. */
function openCache(folder: URL): Promise<Cache | undefined> {
  return spared(globalThis.caches?.open(`evoembed ${folder.href}`))
}

/** A cache that is full or withdrawn costs the next load its time, and this one nothing. */
async function spared<T>(work: Promise<T> | undefined): Promise<T | undefined> {
  return work?.catch(() => undefined)
}

async function fetchManifest(url: URL, cache: Cache | undefined, signal?: AbortSignal): Promise<string> {
  try {
    const response = await request(url, signal, 'no-cache')
    if (response.headers.get('content-type')?.startsWith('text/html'))
      throw new ModelFetchError(url.href, 'the server answered with a web page: is the address right?')
    return await response.text().catch(brokenOff(url, signal))
  } catch (error) {
    const seen = error instanceof ModelFetchError && (await spared(cache?.match(url)))
    if (seen) return seen.text()
    throw error
  }
}

function brokenOff(url: URL, signal?: AbortSignal): (error: Error) => never {
  return ({ message }) => {
    signal?.throwIfAborted()
    throw new ModelFetchError(url.href, message)
  }
}

async function request(url: URL, signal?: AbortSignal, cache?: RequestCache): Promise<Response> {
  const response = await fetch(url, { signal, cache }).catch(brokenOff(url, signal))
  // Who is trusted is the origin that was named.
  if (response.redirected && new URL(response.url).origin !== url.origin)
    throw new ModelFetchError(url.href, `it redirects to another origin, ${new URL(response.url).origin}`)
  if (!response.ok)
    throw new ModelFetchError(url.href, `HTTP ${response.status} ${response.statusText}`.trim())
  return response
}

async function download(
  response: Response,
  path: string,
  size: number,
  report: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size)
  const reader = response.body!.getReader()
  let done = 0
  for (;;) {
    const { value: chunk } = await reader.read().catch((error: Error) => {
      throw error instanceof TypeError ? new ModelFetchError(response.url, error.message) : error
    })
    if (!chunk) break
    if (done + chunk.length > size) {
      await reader.cancel()
      throw new ModelCorruptError(path, `it has more than its ${size} bytes`)
    }
    bytes.set(chunk, done)
    done += chunk.length
    report(chunk.length)
  }
  if (done < size) throw new ModelCorruptError(path, `it has ${done} bytes, not ${size}`)
  return bytes
}

async function hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
