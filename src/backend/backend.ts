/** The contract of a device: what runs the encoder and the memory head. Knows tokens and numbers, never text. */

export type DeviceName = 'webgpu' | 'wasm'

/** The model's sizes, as `evo.json` states them. */
export interface Dimensions {
  /** Width of the encoder. */
  d: number
  /** Memory queries: latents a segment. */
  K: number
  /** Capacity of the memory queue, in segments. */
  C: number
  heads: number
  /** Clock dimensions: an embedding has 2d + m. */
  m: number
  /** Width of a token vector. */
  t: number
}

/** Values of a token as projected for late interaction: its vector [t], and what its weight and its decay are made of. */
export function projectedWidth(t: number): number {
  return t + 2
}

/** Token ids of several texts padded to one length; `lengths[i]` of row i are real. */
export interface TokenBatch {
  /** [rows, columns], row-major. */
  ids: Int32Array
  lengths: Uint32Array
  columns: number
  /** Where each row's reading goes in the `Readings`, so that batches may be sorted by length. */
  positions: Uint32Array
}

/** Which batches suit a device. */
export interface Batching {
  /** How many tokens, padding included, a batch of several texts may hold: few enough to abort. */
  mostTokens: number
  /** What a run costs besides its tokens, as a number of tokens: so much padding is worth a run less. */
  runTokens: number
}

/** What readings are to keep that only some need. */
export interface Keep {
  /** The states of tokens in the encoder's middle layer, which the reranker reads of a query. */
  states?: boolean
}

/** What was read of a list of texts, kept where the device wants it. */
export interface Readings {
  readonly count: number
  /** Unnormalised static vectors [count, d]. */
  statics(): Promise<Float32Array>
  /** Memory rows [count, K, d]. */
  rows(): Promise<Float32Array>
  /** Of each reading, its tokens as projected [tokens, t + 2], special ones included. */
  late(): Promise<Float32Array[]>
  /**
   * Of each reading, the middle layer's states of its tokens [tokens, d], special ones included.
   * @throws Error unless the readings were made to keep them
   */
  states(): Promise<Float32Array[]>
  release(): void
}

/** The newest C segments of a memory, as stored: enough to go on from `step`. */
export interface QueueState {
  /** How many segments were read. */
  step: number
  /** f16 bits, [min(step, C), K, d], oldest first. */
  latents: Uint16Array
  /** Static embeddings p, [min(step, C), d], oldest first. */
  statics: Float32Array
}

/** What reading a run of segments into a memory gives. */
export interface Advance {
  /** f16 bits [count, K, d]. */
  latents: Uint16Array
  /** [count, 2d + m]; the first d of each are its static embedding. */
  embeddings: Float32Array
}

/** One memory queue on the device. */
export interface Queue {
  /** Segments read, uncommitted ones included. */
  readonly step: number
  /** Reads segments [from, to) of `readings` in order. They stay uncommitted until `commit`. */
  advance(readings: Readings, from: number, to: number): Promise<Advance>
  /** Keeps what `advance` read. */
  commit(): void
  /** Drops what was read since the last commit. */
  rollback(): void
  /** The queries' vectors [count, 2d + m] against the memory as it stands. */
  represent(queries: Readings): Promise<Float32Array>
  close(): void
}

/** The top candidates of one query, ascending by step. */
export interface Candidates {
  /** First-stage scores, z-scored over the candidates, [N]. */
  scores: Float32Array
  /** Scores of late interaction, z-scored over the candidates, [N]. */
  late: Float32Array
  /** What the query's tokens, special ones included, find in each candidate by itself, and with those before it, [2, N, n]. */
  found: Float32Array
  /** [N, 2d + m]. */
  embeddings: Float32Array
  /** Mean over K of the stored latents, [N, d]. */
  latents: Float32Array
  steps: Int32Array
  /**
   * The query's vector [2d + m], the step it was asked at, its memory rows [K, d], the middle states of its tokens
   * [n, d].
   */
  query: Float32Array
  /** The share that counts of what the reranker adds, unless the query asks by place (the first, the one before X). */
  trust: number
  queryStep: number
  queryRows: Float32Array
  queryStates: Float32Array
}

/** A device as the loader sees it: `wasm` in wasm.ts, `webgpu` in webgpu.ts. */
export interface Device {
  readonly name: DeviceName
  /** Paths of the model folder's files it needs; no others are fetched for it. */
  readonly files: readonly string[]
  /** Why `auto` had better pass it over on this machine, in words for people; undefined if it need not. */
  unsuited?(): Promise<string | undefined>
  /** Throws when the machine cannot run it, saying why in words for people. */
  open(dimensions: Dimensions, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Promise<Backend>
}

export interface Backend {
  readonly device: DeviceName
  readonly dimensions: Dimensions
  /** Names the adapter or the WASM build with its threads, for people. */
  readonly description: string
  readonly batching: Batching
  /** Encodes one batch; results go to `positions` of `into`. */
  read(batch: TokenBatch, into: Readings): Promise<void>
  /** Room for `count` readings. */
  readings(count: number, keep?: Keep): Readings
  openQueue(state: QueueState): Promise<Queue>
  /** One score a candidate, [N]. */
  rerank(candidates: Candidates): Promise<Float32Array>
  /** Resolves with the reason if the device is lost; never rejects. */
  readonly lost: Promise<string>
  close(): Promise<void>
}
