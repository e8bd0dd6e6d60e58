/** What is read: the turns of the demo's conversation, joined and varied into as many texts as are asked for. */

import sample from '../../demo/sample.json'
import { random } from './random'

const turns = sample.turns.map(({ role, text }) => ({ role, text }))

export interface Turn {
  role: string
  text: string
}

/**
 * Turns of mixed length, the same each time: most are a sentence, some run to ten. No two are the same, so that no
 * cache of texts helps anyone.
 */
export function mixedTurns(count: number): Turn[] {
  const next = random(7)
  return Array.from({ length: count }, (_, i) => {
    const sentences = 1 + Math.floor(10 * next() ** 4)
    const start = Math.floor(next() * turns.length)
    const parts = Array.from({ length: sentences }, (_, j) => turns[(start + j * 7) % turns.length].text)
    return { role: turns[start].role, text: `${parts.join(' ')} (${i + 1})` }
  })
}

/** Prose of about so many words. */
export function longText(words: number): string {
  const sentences: string[] = []
  for (let i = 0, length = 0; length < words; i++) {
    const { role, text } = turns[(i * 37) % turns.length]
    const sentence = `${role} said on day ${i + 1}: ${text}`
    sentences.push(sentence)
    length += sentence.split(' ').length
  }
  return sentences.join(' ')
}
