/** What callers see and what crosses the worker boundary: types only. */

import type { DeviceName } from './backend/backend'
import type { ErrorMessage } from './errors'

export type Metadata = Record<string, string | number | boolean | null>

/** A segment as the caller gives it. */
export interface SegmentInput {
  /** Unique within the conversation; made up when absent. Up to 256 characters. */
  id?: string
  text: string
  /** Who speaks: rendered into the text the model reads, and usable as a filter. */
  role?: string
  /** When: rendered as a date line, and usable with `at` and `since`. */
  time?: Date | number
  metadata?: Metadata
}

/** A segment as it was read. */
export interface Segment {
  id: string
  /** How many segments were read before it. */
  step: number
  text: string
  role?: string
  /** Milliseconds since 1970. */
  time?: number
  metadata?: Metadata
  /** Set when the text was too long for the encoder and was split at sentence ends. */
  part?: { of: string; index: number; count: number }
}

/**
 * 'static': each text alone, by its vector; the reranker, where asked for, reads more. 'evolved': by vectors made from
 * the text and the memory, the best reordered by late interaction of tokens, which remembers what was said shortly
 * before. 'hybrid': evolved fused with the lexical score before that.
 */
export type SearchMode = 'evolved' | 'static' | 'hybrid'

export interface SearchOptions {
  /** Default 10. */
  topK?: number
  /** Default 'hybrid'. */
  mode?: SearchMode
  /** Listwise rerank of the top candidates from their stored latents, tokens and steps. Default true in mode 'hybrid'. */
  rerank?: boolean
  /**
   * Search as of this step (a number: segments read) or time (a Date): later segments are unknown, the memory is the one
   * of then.
   */
  at?: number | Date
  /** Only segments at or after this time; a number is milliseconds since 1970. */
  since?: Date | number
  roles?: string[]
  /** Each entry must equal the segment's metadata (an array: one of them). */
  filter?: Record<string, Metadata[string] | Metadata[string][]>
  /**
   * Calibrated, 0..1: hits below are left out, so that "nothing relevant" can be said. Right answers often score 0.01 to
   * 0.5: choose it on your own conversations.
   */
  minScore?: number
}

/** A search over several conversations: a past is named by its time, as steps differ between them. */
export interface EngineSearchOptions extends Omit<SearchOptions, 'at'> {
  at?: Date
  /** Their names; default all. */
  conversations?: string[]
}

/** A retrieved segment. */
export interface Hit extends Segment {
  /** Which conversation it is of. */
  conversation: string
  /** Calibrated probability of being relevant, 0..1; falls with rank, and stays with the rank when hits are reranked. */
  score: number
  /** The dot products behind it: with the static part alone, and with all parts. */
  staticScore: number
  evolvedScore: number
}

export interface Progress {
  /** What is being done. */
  phase: 'download' | 'compile' | 'verify' | 'read' | 'reread' | 'repair' | 'import' | 'export'
  done: number
  total: number
  /** Bytes for 'download', 'import' and 'export', segments for what is read, else steps. */
  unit: 'bytes' | 'segments' | 'steps'
  /** The file being downloaded, say. */
  detail?: string
}

export interface CallOptions {
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

export interface SegmentingOptions {
  /**
   * 'turn': each segment as given (the default). 'pair': two consecutive ones are read as one, with id `a+b`, no role, the
   * first one's time, and the metadata of both, the first one's where they differ.
   */
  segmenter?: 'turn' | 'pair'
  /**
   * Texts of more than `maxTokens` tokens: 'split' (the default) at sentence ends into parts with ids `id~1`, `id~2`, ...
   * which `replace`, `forget` and appending again by the original id treat as one; or 'refuse'.
   */
  longSegments?: 'split' | 'refuse'
}

/** What to do with a conversation read by another model: throw SpaceMismatchError, or read its text again. */
export type OnModelChange = 'refuse' | 'reread'

export interface LoadOptions {
  /** Absolute URL of the model's folder. */
  model: string
  device: 'auto' | DeviceName
  /** Name of the IndexedDB database. */
  database: string
}

export interface EngineInfo {
  model: string
  space: string
  device: DeviceName
  /** Names the adapter or the WASM build with its threads. */
  deviceDescription: string
  /** Devices that were tried and passed over, and why. */
  passedOver: { device: DeviceName; reason: string }[]
  /** Length of an embedding, 2d + m; the first `staticDimensions` are the static embedding. */
  dimensions: number
  staticDimensions: number
  capacity: number
  maxTokens: number
  /** Bytes fetched for the model, and how many of them came from the cache. */
  bytes: { total: number; fromCache: number }
}

/** The engine goes on on another device: slower or faster, with the same memories. */
export interface DeviceChange {
  from: DeviceName
  to: DeviceName
  /** Why the former is not used any more, in words for people. */
  reason: string
}

export interface ConversationInfo {
  name: string
  space: string
  /** Segments read. */
  step: number
  /** Rises with every committed change; 0 before the first. */
  epoch: number
  /** Milliseconds since 1970; 0 before the first append. */
  created: number
  updated: number
  /** What it takes in IndexedDB, about. */
  bytes: number
  /** Set where its head is damaged or of a newer format: then nothing else is known of it but its name. */
  unreadable?: { name: string; message: string }
}

/** What `Engine.repair` found and did. */
export interface RepairReport {
  /** Steps, as they were, of segments whose text could not be saved. */
  dropped: number[]
  /** Segments that were read again, from text that is as it was written. */
  reread: number
  /** Whether the record that says how many segments there are had to be made anew: then lost ones at the end go unseen. */
  headRebuilt: boolean
  /** Segments in the conversation now. */
  step: number
}

/** A conversation that a search over all left out, and why. */
export interface SkippedConversation {
  conversation: string
  error: Error
}

export interface AppendResult {
  /** Each given segment's step, in order (of several parts: the first); one that was already there keeps its own. */
  steps: number[]
  added: number
  /** Segments in the conversation now. */
  step: number
}

export interface StorageInfo {
  usageBytes: number
  quotaBytes: number
  persisted: boolean
}

export interface ImportOptions {
  /** Another name than the one in the file. */
  name?: string
  onModelChange: OnModelChange
  /** Of an encrypted file. */
  password?: string
}

/** A committed change, heard in every tab. */
export interface ConversationChange {
  conversation: string
  /** Both 0 when it was deleted. */
  epoch: number
  step: number
}

/** Hits, and the conversations that could not be searched. */
export interface FoundInAll {
  hits: Hit[]
  skipped: { conversation: string; error: ErrorMessage }[]
}

/** What the page asks of the worker. `Remote` adds the abort signal and the progress callback to each. */
export interface Calls {
  load(options: LoadOptions): EngineInfo
  embed(texts: string[]): Float32Array[]
  conversations(): ConversationInfo[]
  open(name: string, onModelChange: OnModelChange): ConversationInfo
  info(name: string): ConversationInfo
  /** Segments [from, to). */
  segments(name: string, from: number, to: number): Segment[]
  append(name: string, segments: SegmentInput[], options: SegmentingOptions): AppendResult
  replace(
    name: string,
    id: string,
    text: string,
    options: Pick<SegmentingOptions, 'longSegments'>,
  ): ConversationInfo
  forget(name: string, ids: string[]): ConversationInfo
  rewind(name: string, step: number): ConversationInfo
  fork(name: string, as: string, at: number | Date | undefined): ConversationInfo
  delete(name: string): void
  repair(name: string, onModelChange: OnModelChange): RepairReport
  search(name: string, query: string, options: SearchOptions): Hit[]
  searchAll(query: string, options: EngineSearchOptions): FoundInAll
  rerank(name: string, query: string, ids: string[]): Hit[]
  embedQuery(name: string, text: string, at: number | Date | undefined): Float32Array
  /** One vector [2d + m] a segment of [from, to). */
  embeddings(name: string, from: number, to: number): Float32Array[]
  export(name: string, compress: boolean, password: string | undefined): Blob
  import(file: Blob, options: ImportOptions): ConversationInfo
}
