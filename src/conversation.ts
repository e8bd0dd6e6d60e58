/** Conversation: the user's object. It holds a name; the worker holds the memory. */

import type { Engine } from './engine'
import { InvalidArgumentError } from './errors'
import type {
  AppendResult,
  CallOptions,
  ConversationChange,
  ConversationInfo,
  Hit,
  SearchOptions,
  Segment,
  SegmentInput,
  SegmentingOptions,
} from './protocol'
import type { Remote } from './remote'

export type AppendOptions = SegmentingOptions & CallOptions

export interface AppendAllOptions extends AppendOptions {
  /** Segments a commit. Default 64. */
  commitEvery?: number
  /** Told after each commit: what is kept, whatever happens next. */
  onCommit?: (result: AppendResult) => void
}

export interface ExportOptions extends CallOptions {
  /** Default true. */
  compress?: boolean
  /** Encrypts the file. */
  password?: string
}

/** Steps [from, to); default all. */
export interface StepRange {
  from?: number
  to?: number
}

/**
 * A conversation, or a document, and its memory. Every call that changes it is atomic: aborted or failed, the conversation
 * is as it was. All may throw WorkerLostError, DeviceLostError, EngineClosedError, StorageUnavailableError, and those that
 * write StorageFullError.
 */
export class Conversation {
  /** For Engine. */
  constructor(
    readonly name: string,
    private readonly engine: Engine,
    private readonly remote: Remote,
  ) {}

  info(): Promise<ConversationInfo> {
    return this.remote.call('info', [this.name])
  }

  /**
   * Reads segments into the memory, in order. One with an id that is there already, and the same text, changes nothing.
   *
   * Throws InvalidArgumentError, IdConflictError (the id is there with another text), SegmentTooLongError (only with
   * `longSegments: 'refuse'`), and the signal's reason.
   */
  append(segments: SegmentInput | SegmentInput[], options: AppendOptions = {}): Promise<AppendResult> {
    const { segmenter, longSegments, ...call } = options
    return this.remote.call('append', [this.name, withIds(segments), { segmenter, longSegments }], call)
  }

  /**
   * Appends a long input, committing as it goes. What was committed stays when it is aborted: append the rest later.
   * Progress counts what was read since the start; its total is what is known of the input so far.
   */
  async appendAll(
    segments: Iterable<SegmentInput> | AsyncIterable<SegmentInput>,
    { commitEvery = 64, onCommit, onProgress, ...options }: AppendAllOptions = {},
  ): Promise<AppendResult> {
    if (!Number.isInteger(commitEvery) || commitEvery < 1)
      throw new InvalidArgumentError('commitEvery', commitEvery, 'an integer of at least 1')
    // A pair must not fall to two commits.
    const size = options.segmenter === 'pair' ? commitEvery + (commitEvery % 2) : commitEvery
    const total: AppendResult = { steps: [], added: 0, step: 0 }
    let batch: SegmentInput[] = []
    const known = Array.isArray(segments) ? segments.length : 0
    const commit = async () => {
      const { added } = total
      const result = await this.append(batch, {
        ...options,
        onProgress:
          onProgress &&
          ((step) =>
            onProgress({ ...step, done: added + step.done, total: Math.max(known, added + step.total) })),
      })
      batch = []
      total.steps.push(...result.steps)
      total.added += result.added
      total.step = result.step
      onCommit?.(result)
    }
    for await (const segment of segments) if (batch.push(segment) === size) await commit()
    if (batch.length || !total.steps.length) await commit()
    return total
  }

  /**
   * Gives a segment another text, a part's id standing for the whole text; everything after it is read again, so that no
   * later latent carries the old one.
   * Throws SegmentNotFoundError, InvalidArgumentError, SegmentTooLongError, and the signal's reason.
   */
  replace(
    id: string,
    text: string,
    { longSegments, ...call }: Omit<AppendOptions, 'segmenter'> = {},
  ): Promise<ConversationInfo> {
    return this.remote.call('replace', [this.name, id, text, { longSegments }], call)
  }

  /**
   * Deletes segments, a part's id standing for the whole text; everything after them is read again. Ids that are not there
   * are none to forget.
   */
  forget(ids: string | string[], call: CallOptions = {}): Promise<ConversationInfo> {
    return this.remote.call('forget', [this.name, typeof ids === 'string' ? [ids] : ids], call)
  }

  /**
   * The segments that answer a query, best first. Throws InvalidArgumentError, and SegmentTooLongError for a query of more
   * than `maxTokens` tokens.
   */
  search(query: string, options: SearchOptions & CallOptions = {}): Promise<Hit[]> {
    const { signal, onProgress, ...search } = options
    return this.remote.call('search', [this.name, query, search], { signal, onProgress })
  }

  /**
   * These segments in the order in which they answer the query: the best 48 by the listwise reranker, any others behind
   * them as hybrid search has them. Throws SegmentNotFoundError.
   */
  rerank(query: string, ids: string[], call: CallOptions = {}): Promise<Hit[]> {
    return this.remote.call('rerank', [this.name, query, ids], call)
  }

  /** A query's vector [2d + m] against the memory as it stands, or stood `at` a step or time. */
  embedQuery(
    text: string,
    { at, ...call }: CallOptions & { at?: number | Date } = {},
  ): Promise<Float32Array> {
    return this.remote.call('embedQuery', [this.name, text, at], call)
  }

  /** The segments' vectors [2d + m]; the first `info.staticDimensions` are the static embedding. */
  embeddings({ from = 0, to = Infinity }: StepRange = {}, call: CallOptions = {}): Promise<Float32Array[]> {
    return this.remote.call('embeddings', [this.name, from, to], call)
  }

  /** The segments, in reading order. */
  segments({ from = 0, to = Infinity }: StepRange = {}, call: CallOptions = {}): Promise<Segment[]> {
    return this.remote.call('segments', [this.name, from, to], call)
  }

  /**
   * A new conversation that begins with this one's segments, up to `at` a step or time. Copies what is stored: nothing is
   * read again. Throws ConversationExistsError.
   */
  async fork(name: string, at?: number | Date, call: CallOptions = {}): Promise<Conversation> {
    await this.remote.call('fork', [this.name, name, at], call)
    return new Conversation(name, this.engine, this.remote)
  }

  /** Goes back to `step` segments: later ones are deleted, nothing is read again. */
  rewind(step: number, call: CallOptions = {}): Promise<ConversationInfo> {
    return this.remote.call('rewind', [this.name, step], call)
  }

  /** This conversation as one file, for `engine.import`. Throws ConversationNotFoundError before the first append. */
  export(options: ExportOptions = {}): Promise<Blob> {
    return this.engine.export(this.name, options)
  }

  /** Deletes all of it. Throws ConversationNotFoundError. */
  delete(): Promise<void> {
    return this.engine.deleteConversation(this.name)
  }

  /** Calls `listener` after each committed change, in this tab or another. Returns how to stop. */
  onChange(listener: (change: ConversationChange) => void): () => void {
    return this.engine.onChange((change) => {
      if (change.conversation === this.name) listener(change)
    })
  }
}

/** Made here, not in the worker: a call that is run again must carry the same ids. What is no segment is refused there. */
function withIds(segments: SegmentInput | SegmentInput[]): SegmentInput[] {
  return [segments]
    .flat()
    .map((segment) =>
      segment && typeof segment === 'object'
        ? { ...segment, id: segment.id ?? crypto.randomUUID() }
        : segment,
    )
}
