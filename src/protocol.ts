/** What callers see and what crosses the worker boundary: types only. */

import type { DeviceName } from './backend/backend'

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
  /** Milliseconds since the epoch. */
  time?: number
  metadata?: Metadata
  /** Set when the text was too long for the encoder and was split at sentence ends. */
  part?: { of: string; index: number; count: number }
}

export type SearchMode = 'evolved' | 'static' | 'hybrid'

export interface SearchOptions {
  /** Default 10. */
  topK?: number
  /** Default 'hybrid': evolved fused with the lexical score. */
  mode?: SearchMode
  /** Listwise rerank of the top candidates from their stored latents and steps. Default true in mode 'hybrid'. */
  rerank?: boolean
  /** Search as of this step (segments read) or time: later segments are unknown, the memory is the one of then. */
  at?: number | Date
  /** Only segments at or after this time. */
  since?: Date | number
  roles?: string[]
  /** Each entry must equal the segment's metadata (an array: one of them). */
  filter?: Record<string, Metadata[string] | Metadata[string][]>
  /** Calibrated, 0..1: hits below are left out, so that "nothing relevant" can be said. */
  minScore?: number
}

/** A retrieved segment. */
export interface Hit extends Segment {
  /** Which conversation it is of. */
  conversation: string
  /** Calibrated probability of being relevant, 0..1; falls with rank. */
  score: number
  /** The dot products behind it: with the static part alone, and with all parts. */
  staticScore: number
  evolvedScore: number
}

export interface Progress {
  /** What is being done. */
  phase: 'download' | 'compile' | 'verify' | 'read' | 'store' | 'reread' | 'import' | 'export'
  done: number
  total: number
  /** Bytes for 'download', else segments or steps. */
  unit: 'bytes' | 'segments' | 'steps'
  /** The file being downloaded, say. */
  detail?: string
}

export interface CallOptions {
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
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

export interface ConversationInfo {
  name: string
  space: string
  /** Segments read. */
  step: number
  /** Rises with every committed change. */
  epoch: number
  /** Milliseconds since the epoch. */
  created: number
  updated: number
  /** What it takes in IndexedDB, about. */
  bytes: number
}

export interface AppendResult {
  /** Steps given to the segments, in order; a segment already there keeps its step. */
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
