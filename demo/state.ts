/** What the page is looking at: one engine, one open conversation, the moment asked about. */

import type { CallOptions, Conversation, Engine, SegmentInput } from '../src/index'
import { dropQuestions, keepQuestions, questionsOf, SAMPLE, sampleTurns, type QuestionSet } from './questions'
import type { Question } from './parseChat'

/**
 * `opening`: whether another conversation is being opened; `open`: it is; `grow`: turns were added or taken; `travel`:
 * asked as of another step.
 */
export type Change = 'opening' | 'open' | 'grow' | 'travel'

export class Session {
  readonly #listeners: [Change[], () => void][] = []
  #chat: Conversation | undefined
  #step = 0
  #asOf: number | undefined
  #questions: QuestionSet = { questions: [], step: 0 }
  #opened = 0
  #opening: number | undefined

  constructor(readonly engine: Engine) {
    // Also another tab's changes.
    engine.onChange(({ conversation, epoch, step }) => {
      if (conversation === this.#chat?.name && epoch > 0) this.#moveTo(step)
    })
  }

  get chat(): Conversation {
    if (!this.#chat) throw new Error('no conversation is open')
    return this.#chat
  }
  /** The open conversation's, if one is open. */
  get name() {
    return this.#chat?.name
  }
  /** Turns read. */
  get step() {
    return this.#step
  }
  /** The step questions are asked at. */
  get asOf() {
    return this.#asOf ?? this.#step
  }
  /** Whether the user would lose something of their own if the browser evicted this conversation. */
  get ownsSomething() {
    return this.chat.name !== SAMPLE || this.#step > this.#questions.step
  }
  get questions() {
    return this.#questions
  }

  /** Whether another conversation is about to take this one's place: what is asked now would be lost. */
  get opening() {
    return this.#opening !== undefined
  }

  on(changes: Change[], listener: () => void) {
    this.#listeners.push([changes, listener])
  }

  /** Opens or resumes a conversation; an empty `sample` is read first. Of several at once the last call's stays open. */
  async open(name: string, options: CallOptions = {}) {
    const turn = ++this.#opened
    this.#opening = turn
    this.#tell('opening')
    try {
      const chat = await this.engine.conversation(name, options)
      let { step } = await chat.info()
      if (name === SAMPLE && step === 0) ({ step } = await chat.append(sampleTurns(), options))
      if (this.#opening !== turn) return
      this.#chat = chat
      this.#step = step
      this.#asOf = undefined
      this.#questions = questionsOf(name)
      this.#tell('open')
    } finally {
      if (this.#opening === turn) {
        this.#opening = undefined
        this.#tell('opening')
      }
    }
  }

  /** Reads turns into a conversation of its own: all of them, or none and no conversation. */
  async create(name: string, segments: SegmentInput[], questions: Question[], options: CallOptions) {
    const chat = await this.engine.conversation(name)
    const { steps, step } = await chat.append(segments, options)
    keepQuestions(name, { questions: questions.map((question) => atSteps(question, [...steps, step])), step })
    await this.open(name)
  }

  async append(segment: SegmentInput, options: CallOptions = {}) {
    const { step } = await this.chat.append(segment, options)
    this.#moveTo(step)
  }

  /** Deletes the open conversation; another is to be opened next. */
  async delete() {
    await this.chat.delete()
    dropQuestions(this.chat.name)
  }

  /** Asks as of a step, 1..step, from here on. */
  travel(step: number) {
    this.#asOf = step < this.#step ? Math.max(1, step) : undefined
    this.#tell('travel')
  }

  #moveTo(step: number) {
    if (step === this.#step) return
    this.#step = step
    this.#asOf = undefined
    this.#tell('grow')
  }

  #tell(change: Change) {
    for (const [changes, listener] of this.#listeners) if (changes.includes(change)) listener()
  }
}

/** A question whose evidence names given segments, as steps: a long segment was read in parts, each a step. */
function atSteps({ text, evidence }: Question, starts: number[]): Question {
  const parts = (i: number) => Array.from({ length: starts[i + 1] - starts[i] }, (_, k) => starts[i] + k)
  return { text, evidence: evidence?.flatMap(parts) }
}
