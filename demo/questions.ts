/** Suggested questions of a conversation, and the step they were made for: later turns may change an answer. */

import type { Question } from './parseChat'
import sample from './sample.json'

export interface QuestionSet {
  questions: Question[]
  /** Turns in the conversation when the answers were noted. */
  step: number
}

export const SAMPLE = 'sample'
const key = (conversation: string) => `evoembed-demo:questions:${conversation}`

export function questionsOf(conversation: string): QuestionSet {
  if (conversation === SAMPLE) return { questions: sample.questions, step: sample.turns.length }
  const stored = localStorage.getItem(key(conversation))
  return stored ? JSON.parse(stored) : { questions: [], step: 0 }
}

export function keepQuestions(conversation: string, set: QuestionSet) {
  if (set.questions.length) localStorage.setItem(key(conversation), JSON.stringify(set))
}

export const dropQuestions = (conversation: string) => localStorage.removeItem(key(conversation))

export const sampleTurns = () =>
  sample.turns.map((turn, i) => ({ id: `sample-${i}`, ...turn, time: Date.parse(turn.time) }))
