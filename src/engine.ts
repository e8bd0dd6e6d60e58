/** The page's side of the engine: starts the worker, and speaks for it. */

import { Conversation } from './conversation'
import { InsecureContextError, InvalidArgumentError, StorageUnavailableError } from './errors'
import type {
  CallOptions,
  ConversationChange,
  ConversationInfo,
  EngineInfo,
  EngineSearchOptions,
  Hit,
  LoadOptions,
  OnModelChange,
  Segment,
  StorageInfo,
} from './protocol'
import { Remote } from './remote'

export interface EngineOptions extends CallOptions {
  /** URL of the model's folder, relative to the page: '/models/evo-mini/', say. */
  model: string | URL
  /** Default 'auto': WebGPU where it computes right, else WASM. */
  device?: LoadOptions['device']
  /** For conversations that another model read. Default 'refuse'. */
  onModelChange?: OnModelChange
  /** Name of the IndexedDB database. Default 'evoembed'. */
  database?: string
}

/**
 * Starts an engine: a worker with the model loaded, verified, and checked on its device.
 *
 * Throws InvalidArgumentError, InsecureContextError, StorageUnavailableError, ModelFetchError, ModelCorruptError,
 * NewerFormatError, NoDeviceError, WorkerLostError, and the signal's reason.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { model, device = 'auto', onModelChange = 'refuse', database = 'evoembed', ...call } = options
  if (!['auto', 'webgpu', 'wasm'].includes(device))
    throw new InvalidArgumentError('device', device, "'auto', 'webgpu', 'wasm'")
  checkModelChange(onModelChange)
  if (!URL.canParse(`${model}`, location.href))
    throw new InvalidArgumentError('model', model, 'the URL of a model folder')
  checkContext()

  const url = new URL(`${model}`, location.href)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  const remote = new Remote(startWorker, { model: url.href, device, database })
  await remote.connect(call)
  return new Engine(remote, onModelChange, database)
}

/** A running engine; `createEngine` makes one. Calls after `close` throw EngineClosedError. */
export class Engine {
  private readonly changes: BroadcastChannel
  private readonly listeners = new Set<(change: ConversationChange) => void>()

  /** For createEngine. */
  constructor(
    private readonly remote: Remote,
    private readonly onModelChange: OnModelChange,
    database: string,
  ) {
    this.changes = new BroadcastChannel(`evoembed:${database}`)
    this.changes.onmessage = ({ data }: MessageEvent<ConversationChange>) => {
      for (const listener of this.listeners) listener(data)
    }
  }

  /** The model, its device, its sizes. */
  get info(): EngineInfo {
    return this.remote.info!
  }

  /**
   * Opens a conversation, or begins one: nothing is stored before the first append.
   *
   * Throws SpaceMismatchError where another model read it and `onModelChange` is 'refuse' (`segments` and `export` of the
   * engine still give its text); 'reread' reads the text again and replaces all vectors at once.
   */
  async conversation(
    name: string,
    { onModelChange = this.onModelChange, ...call }: CallOptions & { onModelChange?: OnModelChange } = {},
  ): Promise<Conversation> {
    checkModelChange(onModelChange)
    await this.remote.call('open', [name, onModelChange], call)
    return new Conversation(name, this, this.remote)
  }

  /** All conversations, by name. */
  conversations(): Promise<ConversationInfo[]> {
    return this.remote.call('conversations', [])
  }

  /** Deletes all of a conversation. Throws ConversationNotFoundError. */
  deleteConversation(name: string): Promise<void> {
    return this.remote.call('delete', [name])
  }

  /** The segments of a conversation, whichever model read it. Throws ConversationNotFoundError. */
  segments(name: string): Promise<Segment[]> {
    return this.remote.call('segments', [name, 0, Infinity])
  }

  /**
   * A conversation as one file with its text, embeddings and latents, whichever model read it; `import` reads it.
   * Throws ConversationNotFoundError.
   */
  export(
    name: string,
    { compress = true, ...call }: CallOptions & { compress?: boolean } = {},
  ): Promise<Blob> {
    return this.remote.call('export', [name, compress], call)
  }

  /**
   * Stores an exported conversation, under its own name or another.
   *
   * Throws CorruptDataError, NewerFormatError, ConversationExistsError, and SpaceMismatchError unless `onModelChange` is
   * 'reread'.
   */
  async import(
    file: Blob,
    {
      name,
      onModelChange = this.onModelChange,
      ...call
    }: CallOptions & { name?: string; onModelChange?: OnModelChange } = {},
  ): Promise<Conversation> {
    checkModelChange(onModelChange)
    const info = await this.remote.call('import', [file, name, onModelChange], call)
    return new Conversation(info.name, this, this.remote)
  }

  /**
   * Searches all conversations, or those named, with comparable scores: candidates of all stand in one list. Reranking
   * compares those of one conversation with each other.
   */
  search(query: string, options: EngineSearchOptions & CallOptions = {}): Promise<Hit[]> {
    const { signal, onProgress, ...search } = options
    return this.remote.call('searchAll', [query, search], { signal, onProgress })
  }

  /**
   * Static embeddings [d], L2-normalised, without any memory: one a text.
   * Throws InvalidArgumentError for an empty text, SegmentTooLongError for one longer than `info.maxTokens` tokens.
   */
  embed(texts: string[], call: CallOptions = {}): Promise<Float32Array[]> {
    return this.remote.call('embed', [texts], call)
  }

  /** What this origin stores. `persist` asks the browser to never evict it, which may ask the user. */
  async storage({ persist = false } = {}): Promise<StorageInfo> {
    const persisted = persist ? await navigator.storage.persist() : await navigator.storage.persisted()
    const { usage = 0, quota = 0 } = await navigator.storage.estimate()
    return { usageBytes: usage, quotaBytes: quota, persisted }
  }

  /** Calls `listener` after each committed change of any conversation, in this tab or another. Returns how to stop. */
  onChange(listener: (change: ConversationChange) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Ends the worker. Calls under way reject with EngineClosedError and leave nothing half done. */
  async close(): Promise<void> {
    this.changes.close()
    this.listeners.clear()
    await this.remote.close()
  }
}

function startWorker(): Worker {
  return new Worker(new URL('../workers/engine.worker.ts', import.meta.url), {
    type: 'module',
    name: 'evoembed',
  })
}

function checkModelChange(value: OnModelChange): void {
  if (value !== 'refuse' && value !== 'reread')
    throw new InvalidArgumentError('onModelChange', value, "'refuse', 'reread'")
}

/** Plain http on a local network, say, has none of these. */
function checkContext(): void {
  const missing = Object.entries({
    'Web Locks': navigator.locks,
    WebCrypto: crypto.subtle,
    WebGPU: isSecureContext,
  }).flatMap(([name, there]) => (there ? [] : [name]))
  if (missing.length) throw new InsecureContextError(missing)
  if (typeof indexedDB === 'undefined') throw new StorageUnavailableError('this browser has none')
}
