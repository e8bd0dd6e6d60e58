/** The page's side of the engine: starts the worker, and speaks for it. */

import { Conversation, type ExportOptions, type StepRange } from './conversation'
import { decodeError, InsecureContextError, InvalidArgumentError } from './errors'
import type {
  CallOptions,
  ConversationChange,
  ConversationInfo,
  DeviceChange,
  EngineInfo,
  EngineSearchOptions,
  Hit,
  ImportOptions,
  LoadOptions,
  OnModelChange,
  RepairReport,
  Segment,
  SkippedConversation,
  StorageInfo,
} from './protocol'
import { Remote, tell } from './remote'
import { canShare } from './sharing'

export interface EngineOptions extends CallOptions {
  /** URL of the model's folder, relative to the page: '/models/evo-mini/', say. */
  model: string | URL
  /**
   * Default 'auto': WebGPU where it computes right, else WASM. A device that is lost twice in a row is given up for WASM,
   * whatever is said here: `onDeviceChange` tells.
   */
  device?: LoadOptions['device']
  /** For conversations that another model read. Default 'refuse'. */
  onModelChange?: OnModelChange
  /** Name of the IndexedDB database. Default 'evoembed'. */
  database?: string
  /**
   * Whether tabs with the same model, device and database use one worker, so that the model is in memory once. Default true,
   * where the browser can (it needs SharedWorker, which Chrome on Android lacks); a tab of its own worker waits for no
   * other tab's calls.
   */
  share?: boolean
}

/**
 * Starts an engine: a worker with the model loaded, verified, and checked on its device.
 *
 * Throws InvalidArgumentError, InsecureContextError, StorageUnavailableError, ModelFetchError, ModelCorruptError,
 * NewerFormatError, NoDeviceError, WorkerLostError, and the signal's reason.
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const {
    model,
    device = 'auto',
    onModelChange = 'refuse',
    database = 'evoembed',
    share = true,
    ...call
  } = options
  if (!['auto', 'webgpu', 'wasm'].includes(device))
    throw new InvalidArgumentError('device', device, "'auto', 'webgpu', 'wasm'")
  checkModelChange(onModelChange)
  if (!URL.canParse(`${model}`, location.href))
    throw new InvalidArgumentError('model', model, 'the URL of a model folder')
  checkContext()

  const url = new URL(`${model}`, location.href)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  // Another build of this module may speak another protocol.
  const group = `evoembed ${JSON.stringify([import.meta.url, url.href, device, database])}`
  const remote = new Remote(
    startWorker,
    { model: url.href, device, database },
    share && canShare ? group : undefined,
  )
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
      for (const listener of this.listeners) tell(listener, data)
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

  /** All conversations, by name; those whose record cannot be read say so in `unreadable`. */
  conversations(): Promise<ConversationInfo[]> {
    return this.remote.call('conversations', [])
  }

  /** Deletes all of a conversation, damaged or not. Throws ConversationNotFoundError, NewerFormatError. */
  deleteConversation(name: string): Promise<void> {
    return this.remote.call('delete', [name])
  }

  /**
   * Saves what can be saved of a damaged conversation: checks every record, keeps each segment whose text is as it was
   * written, and reads again, from the first damage on, what depends on it. Where all is whole it changes nothing. All
   * or nothing: aborted or failed, the conversation is as it was.
   *
   * Throws ConversationNotFoundError, NewerFormatError, StorageFullError, and SpaceMismatchError where another model read
   * it and `onModelChange` is 'refuse'.
   */
  repair(
    name: string,
    { onModelChange = this.onModelChange, ...call }: CallOptions & { onModelChange?: OnModelChange } = {},
  ): Promise<RepairReport> {
    checkModelChange(onModelChange)
    return this.remote.call('repair', [name, onModelChange], call)
  }

  /**
   * The segments [from, to) of a conversation, whichever model read it; of a damaged one up to the `step` that its
   * CorruptDataError names. Throws CorruptDataError, NewerFormatError.
   */
  segments(name: string, { from = 0, to = Infinity }: StepRange = {}): Promise<Segment[]> {
    return this.remote.call('segments', [name, from, to])
  }

  /**
   * A conversation as one file with its text, embeddings, latents and token vectors, whichever model read it; `import`
   * reads it. With a password it is encrypted (AES-GCM, key by PBKDF2): nothing but its size can be told without it.
   * Throws ConversationNotFoundError, CorruptDataError.
   */
  export(name: string, { compress = true, password, ...call }: ExportOptions = {}): Promise<Blob> {
    return this.remote.call('export', [name, compress, password], call)
  }

  /**
   * Stores an exported conversation, under its own name or another.
   *
   * Throws CorruptDataError, NewerFormatError, ConversationExistsError, SpaceMismatchError unless `onModelChange` is
   * 'reread'; of an encrypted file PasswordRequiredError, DecryptionError; and InvalidArgumentError for a password where
   * the file is not encrypted: then it proves nothing of where the file is from.
   */
  async import(
    file: Blob,
    {
      name,
      onModelChange = this.onModelChange,
      password,
      ...call
    }: CallOptions & Partial<ImportOptions> = {},
  ): Promise<Conversation> {
    checkModelChange(onModelChange)
    if (!(file instanceof Blob)) throw new InvalidArgumentError('file', file, 'a Blob or File')
    const info = await this.remote.call('import', [file, { name, onModelChange, password }], call)
    return new Conversation(info.name, this, this.remote)
  }

  /**
   * Searches all conversations, or those named, with comparable scores: candidates of all stand in one list. Reranking
   * compares those of one conversation with each other.
   *
   * Conversations that are damaged, of a newer format, another model's, or, with `at`, without times are left out, and
   * told to `onSkip`. Where they are named in `conversations`, or where none is left, their error is thrown:
   * CorruptDataError, NewerFormatError, SpaceMismatchError, InvalidArgumentError. Throws ConversationNotFoundError, and
   * what Conversation.search throws.
   */
  async search(
    query: string,
    options: EngineSearchOptions & CallOptions & { onSkip?: (skipped: SkippedConversation) => void } = {},
  ): Promise<Hit[]> {
    const { signal, onProgress, onSkip, ...search } = options
    const { hits, skipped } = await this.remote.call('searchAll', [query, search], { signal, onProgress })
    for (const { conversation, error } of skipped) onSkip?.({ conversation, error: decodeError(error) })
    return hits
  }

  /**
   * Static embeddings [d], L2-normalised, without any memory: one a text.
   * Throws InvalidArgumentError for an empty text, SegmentTooLongError for one longer than `info.maxTokens` tokens.
   */
  embed(texts: string[], call: CallOptions = {}): Promise<Float32Array[]> {
    return this.remote.call('embed', [texts], call)
  }

  /** What this origin stores, all databases and caches together, and what it may. */
  async storage(): Promise<StorageInfo> {
    const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([
      navigator.storage.estimate(),
      navigator.storage.persisted(),
    ])
    return { usageBytes: usage, quotaBytes: quota, persisted }
  }

  /**
   * Asks the browser to keep what this origin stores until the user deletes it, rather than until it needs the room; it
   * may ask the user. Resolves with its answer, which `storage` tells from then on.
   */
  persist(): Promise<boolean> {
    return navigator.storage.persist()
  }

  /** Calls `listener` after each committed change of any conversation, in this tab or another. Returns how to stop. */
  onChange(listener: (change: ConversationChange) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /**
   * Calls `listener` when the engine goes on on another device, as after losing the same one twice in a row; `info` is the
   * new one's then. Returns how to stop.
   */
  onDeviceChange(listener: (change: DeviceChange) => void): () => void {
    return this.remote.onDeviceChange(listener)
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
}
