/** What is done to a conversation, and asked of it. */

import type { Readings } from './backend/backend'
import type { Contents } from './contents'
import {
  ConversationExistsError,
  ConversationNotFoundError,
  IdConflictError,
  InvalidArgumentError,
  SegmentNotFoundError,
  SpaceMismatchError,
} from './errors'
import { heed } from './heed'
import type { LateQuery } from './lateInteraction'
import { HeldConversation, widths, type Reader, type State } from './heldConversation'
import type { Task } from './host'
import type {
  AppendResult,
  OnModelChange,
  Progress,
  RepairReport,
  Segment,
  SegmentInput,
  SegmentingOptions,
} from './protocol'
import type { Scope } from './search'
import { checkText, drafts, originals, pairs, split, type Draft, type Reading } from './segmenter'
import { KINDS, type Records } from './chunks'
import { rely } from './reliance'
import { mend } from './repair'
import type { Head, Seen } from './records'
import type { Store } from './store'
import type { Writers } from './writers'

/** Where conversations are kept, who may write, and who hears of it. */
export interface Surroundings {
  store: Store
  writers: Writers
  announce(head: Head): void
}

/** A query as read: what every conversation answers from. */
export interface Query {
  readings: Readings
  /** Memory rows [K, d]. */
  rows: Float32Array
  late: LateQuery
  /** States of its tokens [n, d]. */
  states: Float32Array
}

export class OpenConversation {
  private readonly held: HeldConversation

  constructor(
    private readonly name: string,
    private readonly reader: Reader,
    private readonly around: Surroundings,
  ) {
    this.held = new HeldConversation(name, reader, around.store)
  }

  /** Of vectors held. */
  get bytes(): number {
    return this.held.bytes
  }

  /** Lets go of its memory on the device: another is opened from what is stored. */
  rest(): void {
    this.held.rest()
  }

  /** Lets go of what is held; it is loaded again when it is used. */
  close(): void {
    this.held.close()
  }

  async append(task: Task, inputs: SegmentInput[], options: SegmentingOptions): Promise<AppendResult> {
    const given = drafts(inputs)
    const { segmenter, longSegments } = checked(options)
    return this.change(task, async (state) => {
      const reading = this.reading()
      const fresh = new Map<string, { draft: Draft; step: number }>()
      const added: Draft[] = []
      const steps: number[] = []
      for (const [i, draft] of (segmenter === 'pair' ? pairs(given) : given).entries()) {
        if (i % 64 === 0) await heed(task.signal)
        const known = state.contents.text(draft.id) ?? fresh.get(draft.id)?.draft.text
        if (known !== undefined && known !== draft.text) throw new IdConflictError(this.name, draft.id)
        let step = state.contents.find(draft.id)[0] ?? fresh.get(draft.id)?.step
        if (step === undefined) {
          step = state.contents.count + added.length
          fresh.set(draft.id, { draft, step })
          added.push(...split(draft, reading, longSegments))
        }
        steps.push(step)
        if (segmenter === 'pair' && steps.length < given.length) steps.push(step)
      }
      const { contents } = added.length
        ? await this.rewrite(task, state, state.contents.count, added, reading)
        : state
      return { steps, added: added.length, step: contents.count }
    })
  }

  async replace(
    task: Task,
    id: string,
    text: string,
    options: Pick<SegmentingOptions, 'longSegments'>,
  ): Promise<void> {
    checkText('text', text)
    const { longSegments } = checked(options)
    await this.change(task, async (state) => {
      const steps = state.contents.findWhole(id)
      if (!steps.length) throw new SegmentNotFoundError(this.name, id)
      const [first, behind] = [steps[0], steps.at(-1)! + 1]
      const [whole] = originals(state.contents.segments.slice(first, behind).map(draftOf))
      if (whole.text === text) return
      const reading = this.reading()
      const after = state.contents.segments.slice(behind).map(draftOf)
      const replaced = split({ ...whole, text }, reading, longSegments)
      await this.rewrite(task, state, first, [...replaced, ...after], reading)
    })
  }

  async forget(task: Task, ids: string[]): Promise<void> {
    await this.change(task, async (state) => {
      const forgotten = new Set(ids.flatMap((id) => state.contents.findWhole(id)))
      if (!forgotten.size) return
      const first = [...forgotten].reduce((a, b) => Math.min(a, b))
      const kept = state.contents.segments.slice(first).filter(({ step }) => !forgotten.has(step))
      await this.rewrite(task, state, first, kept.map(draftOf))
    })
  }

  async rewind(task: Task, step: number): Promise<void> {
    await this.change(task, async (state) => {
      const { count } = state.contents
      if (!Number.isInteger(step) || step < 0 || step > count)
        throw new InvalidArgumentError('step', step, `a step in 0..${count}`)
      if (step < count) await this.rewrite(task, state, step, [])
    })
  }

  /** Reads the text that another model read, and replaces its vectors at once. Does nothing where ours read it. */
  async reread(task: Task): Promise<void> {
    const { store, writers } = this.around
    await writers.write(this.name, task.signal, async () => {
      const stored = await store.read(this.name, 0, Infinity, ['segments'])
      if (!stored || stored.head.space === this.reader.manifest.space) return
      await this.begin(task, stored.head, stored.segments, 'reread')
    })
  }

  /**
   * Checks all that is stored, drops what cannot be saved, and reads again what depends on it; changes nothing where all
   * is as it was written. Throws ConversationNotFoundError, NewerFormatError, SpaceMismatchError.
   */
  async repair(task: Task, onModelChange: OnModelChange): Promise<RepairReport> {
    const { store, writers } = this.around
    const { manifest } = this.reader
    return writers.write(this.name, task.signal, async () => {
      const { head, segments, whole } = await store.remains(this.name, widths(manifest))
      if (!head && !segments.length) throw new ConversationNotFoundError(this.name)
      const known = typeof head === 'object' ? head : undefined
      const { kept, dropped } = mend(segments)
      const report = { dropped, reread: 0, headRebuilt: !known, step: kept.length }
      if (known && whole === known.step) return report
      if (known && known.space !== manifest.space && onModelChange === 'refuse')
        throw new SpaceMismatchError(this.name, known.space, manifest.space)

      if (known?.space === manifest.space) {
        const changed = kept.findIndex((segment, step) => segment !== segments[step])
        const from = Math.min(whole, changed < 0 ? kept.length : changed)
        const state = this.held.blank(known)
        state.contents.push((await store.read(this.name, 0, from, KINDS))!)
        await this.rewrite(inPhase(task, 'repair'), state, from, kept.slice(from))
        return { ...report, reread: kept.length - from }
      }
      // Without a head no one knows which model made the vectors.
      const { contents } = await this.begin(task, head, kept, 'repair')
      return { ...report, reread: contents.count, step: contents.count }
    })
  }

  /**
   * Stores what was read elsewhere, under a name that is free; text alone is read first.
   * Throws ConversationExistsError.
   */
  async create(task: Task, records: Records | { segments: Draft[] }): Promise<void> {
    const { store, writers } = this.around
    await writers.write(this.name, task.signal, async () => {
      if (await store.head(this.name)) throw new ConversationExistsError(this.name)
      if ('latents' in records) {
        await this.commit(this.held.blank(undefined), 0, records)
      } else await this.begin(task, undefined, records.segments, 'import')
    })
  }

  /** All that is kept of the segments before `at` a step or time. */
  records(at: number | Date | undefined): Promise<Records> {
    return this.held.asOfNow((state) => this.held.records(state, 0, state.contents.stepAt(at), KINDS))
  }

  /**
   * A query against the memory as it stood `at` a step or time; throws as `Contents.stepAt` does. The query may still be
   * being read: storage is looked up meanwhile.
   */
  ask(query: Promise<Query>, at?: number | Date): Promise<Scope> {
    return this.held.asOfNow(async (state) => {
      const { readings, ...asked } = await query
      const step = state.contents.stepAt(at)
      const memory = await this.held.borrow(state, step)
      try {
        const relied = rely(await memory.represent(readings), this.reader.manifest)
        return { conversation: this.name, contents: state.contents, step, ...relied, ...asked }
      } finally {
        this.held.giveBack(state, memory)
      }
    })
  }

  /** The contents as they stand. Throws SpaceMismatchError. */
  contents(): Promise<Contents> {
    return this.held.asOfNow(async ({ contents }) => contents)
  }

  /** One change at a time, in all tabs, each on the state that the one before it left. */
  private change<T>(task: Task, work: (state: State) => Promise<T>): Promise<T> {
    return this.around.writers.write(this.name, task.signal, async () => work(await this.held.current()))
  }

  /** Reads segments, parts joined again, into a memory that knows nothing yet. */
  private begin(task: Task, head: Seen, segments: Draft[], phase: Progress['phase']): Promise<State> {
    const reading = this.reading()
    const fitting = originals(segments).flatMap((draft) => split(draft, reading))
    return this.rewrite(inPhase(task, phase), this.held.blank(head), 0, fitting, reading)
  }

  /** Keeps the first `from` segments and reads `segments` behind them: in storage and here, or nowhere. */
  private async rewrite(
    task: Task,
    state: State,
    from: number,
    segments: Draft[],
    reading = this.reading(),
  ): Promise<State> {
    this.checkIds(state.contents, from, segments)
    const tokens: Int32Array[] = []
    for (const [i, draft] of segments.entries()) {
      if (i % 64 === 0) await heed(task.signal)
      tokens.push(reading.encode(draft))
    }
    const memory = await this.held.borrow(state, from)
    let now = state
    try {
      const read = await memory.append(tokens, { signal: task.signal, onProgress: task.progress })
      task.signal.throwIfAborted()
      now = await this.commit(state, from, { segments, ...read })
      memory.commit()
      return now
    } catch (error) {
      memory.rollback() // it may have read what was not stored
      throw error
    } finally {
      this.held.giveBack(now, memory)
    }
  }

  private async commit(state: State, from: number, records: Records): Promise<State> {
    const committed = await this.held.commit(state, from, records)
    this.around.announce(committed.head)
    return committed
  }

  /** Tokens of segments; each text is tokenised once in a call. */
  private reading(): Reading {
    const { manifest, tokenizer, template } = this.reader
    const known = new Map<string, Int32Array>()
    const encode = (draft: Draft) => {
      const text = template.segment(draft)
      const tokens = known.get(text) ?? tokenizer.encode(text)
      known.set(text, tokens)
      return tokens
    }
    return { maxTokens: manifest.maxTokens, encode }
  }

  /** The ids of parts are made up, and could be the caller's as well. */
  private checkIds(contents: Contents, from: number, segments: Draft[]): void {
    const seen = new Set<string>()
    for (const { id } of segments) {
      if (seen.has(id) || contents.find(id)[0] < from) throw new IdConflictError(this.name, id)
      seen.add(id)
    }
  }
}

/** Tells of reading as a part of something larger. */
function inPhase(task: Task, phase: Progress['phase']): Task {
  return {
    ...task,
    progress: (step) => task.progress(step.phase === 'read' ? { ...step, phase } : step),
  }
}

function draftOf({ step: _, ...draft }: Segment): Draft {
  return draft
}

function checked(options: SegmentingOptions): SegmentingOptions {
  const { segmenter = 'turn', longSegments = 'split' } = options
  if (segmenter !== 'turn' && segmenter !== 'pair')
    throw new InvalidArgumentError('segmenter', segmenter, "'turn', 'pair'")
  if (longSegments !== 'split' && longSegments !== 'refuse')
    throw new InvalidArgumentError('longSegments', longSegments, "'split', 'refuse'")
  return { segmenter, longSegments }
}
