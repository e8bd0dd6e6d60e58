/** A conversation as the worker holds it: what is stored of it, ready for use, and its memory on the device. */

import { KINDS, type Kind, type Records, type Widths } from './chunks'
import { Contents } from './contents'
import { ConversationChangedError, SpaceMismatchError } from './errors'
import type { Manifest } from './manifest'
import { Memory } from './memory'
import type { Model } from './model'
import { isSame, type Head, type Seen } from './records'
import { settled } from './settled'
import type { Store } from './store'
import type { Template } from './template'

/** What reads: one for all conversations. */
export interface Reader extends Pick<Model, 'manifest' | 'tokenizer' | 'backend'> {
  template: Template
}

/** The conversation at one epoch; every change makes another. */
export interface State {
  /** Undefined before the first write. */
  head: Seen
  contents: Contents
  /** At the end of the contents, free to be used. */
  memory?: Memory
}

export function widths({ d, K, m, t }: Manifest): Widths {
  return { embedding: 2 * d + m, latent: K * d, token: t }
}

export class HeldConversation {
  private state?: State
  private looking: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly name: string,
    private readonly reader: Reader,
    private readonly store: Store,
  ) {}

  /** Of vectors. */
  get bytes(): number {
    return this.state?.contents.bytes ?? 0
  }

  /** Lets go of the idle memory. */
  rest(): void {
    this.state?.memory?.close()
    if (this.state) this.state.memory = undefined
  }

  /** Lets go of all. Whoever still holds a state may go on with it. */
  close(): void {
    this.become(undefined)
  }

  /** What is held if it is what is stored, else what is stored. Throws SpaceMismatchError. */
  current(): Promise<State> {
    // In turn: what one call loads the next need not.
    const mine = this.looking.then(() => this.look())
    this.looking = settled(mine) // what it came to would be held beyond `close`
    return mine
  }

  /** Runs `work` on what is stored now; again if another tab changed that meanwhile. */
  async asOfNow<T>(work: (state: State) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(await this.current())
      } catch (error) {
        if (!(error instanceof ConversationChangedError) || attempt === 3) throw error
      }
    }
  }

  /** A state without segments, to be put in the place of what `head` stands for. */
  blank(head: Seen): State {
    const { manifest, template } = this.reader
    const { d, K, m } = manifest
    const shape = { dimensions: 2 * d + m, d, K }
    return { head, contents: new Contents(shape, (draft) => template.segment(draft)) }
  }

  /** Stores a change of `state`, and then holds it: the first `from` segments, and `records` behind them. */
  async commit(state: State, from: number, records: Records): Promise<State & { head: Head }> {
    const { manifest } = this.reader
    const change = { from, records, space: manifest.space, widths: widths(manifest) }
    const head = await this.store.write(this.name, state.head, change)
    // Whoever holds the old state keeps the head it began with; its contents stay as they are, but for what is appended.
    if (from < state.contents.count) {
      const contents = state.contents.prefix(from)
      contents.push(records)
      return this.become({ head, contents })
    }
    state.contents.push(records)
    state.memory?.close()
    state.memory = undefined
    return this.become({ head, contents: state.contents })
  }

  /** The memory after `step` segments of a state: the idle one, or another. Give it back. */
  async borrow(state: State, step: number): Promise<Memory> {
    const idle = state.memory
    if (idle?.step === step) {
      state.memory = undefined
      return idle
    }
    const { manifest, backend } = this.reader
    const from = Math.max(0, step - manifest.C)
    const latents = step ? (await this.records(state, from, step, ['latents'])).latents : new Uint16Array()
    const statics = state.contents.statics(from, step)
    return Memory.open(backend, { step, latents, statics })
  }

  giveBack(state: State, memory: Memory): void {
    if (this.state === state && !state.memory && memory.step === state.contents.count) state.memory = memory
    else memory.close()
  }

  /** What is stored of segments [from, to). Throws ConversationChangedError where that is no longer the state's. */
  async records<K extends Kind>(
    { head }: State,
    from: number,
    to: number,
    kinds: readonly K[],
  ): Promise<Pick<Records, K>> {
    const stored = await this.store.read(this.name, from, to, kinds)
    if (!isSame(stored?.head, head)) throw new ConversationChangedError(this.name)
    const none: Records = {
      segments: [],
      embeddings: new Float32Array(),
      latents: new Uint16Array(),
      tokens: [],
    }
    return stored ?? none
  }

  private async look(): Promise<State> {
    const head = await this.store.head(this.name)
    const { space } = this.reader.manifest
    const check = ({ space: found }: Head) => {
      if (found !== space) throw new SpaceMismatchError(this.name, found, space)
    }
    if (head) check(head)
    if (this.state && isSame(this.state.head, head)) return this.state
    const stored = await this.store.read(this.name, 0, Infinity, KINDS)
    if (stored) check(stored.head) // read again meanwhile, perhaps
    const state = this.blank(stored?.head)
    if (stored) state.contents.push(stored)
    return this.become(state)
  }

  private become<S extends State | undefined>(state: S): S {
    if (this.state !== state) this.rest()
    this.state = state
    return state
  }
}
