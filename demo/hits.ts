/** One ranking's hits, and where it puts the answer. */

import type { Hit } from '../src/index'
import { fill, fromTemplate, partOf } from './dom'
import type { Question } from './parseChat'
import { onDay } from './wording'

/** Hits shown a column. */
export const SHOWN = 5

/** A hit at `rank`, with its rank in the other column: undefined when it is not among those compared. */
export function hitItem(hit: Hit, rank: number, otherRank: number | undefined, open: (step: number) => void) {
  const { root, part } = fromTemplate('hit-template')
  root.dataset.step = String(hit.step)
  part('rank').textContent = String(rank)
  part('text').textContent = hit.text
  part('role').textContent = hit.role ?? ''
  part('time').textContent = hit.time === undefined ? '' : onDay(hit.time)
  part('step').textContent = `turn ${hit.step + 1}`
  fill(part('meter'), hit.score)
  part('score').textContent = `${Math.round(hit.score * 100)}%`
  part('score').title =
    `Calibrated: ${hit.score.toFixed(3)} · dot product of the static part ${hit.staticScore.toFixed(3)}, ` +
    `of the whole vector ${hit.evolvedScore.toFixed(3)}`
  part('dots').textContent = `${hit.staticScore.toFixed(2)} · ${hit.evolvedScore.toFixed(2)}`
  const shift = part('shift')
  const risen = otherRank === undefined ? Infinity : otherRank - rank
  shift.textContent =
    risen === 0 ? 'same rank' : otherRank === undefined ? 'not there' : `there: ${otherRank}`
  shift.dataset.move = risen > 0 ? 'up' : risen < 0 ? 'down' : 'none'
  root.querySelector('button')!.addEventListener('click', () => open(hit.step))
  return root
}

export function markAnswer(item: HTMLElement) {
  item.classList.add('answer')
  partOf(item, 'answer').hidden = false
}

/** The rank of the first hit that answers the question, or undefined. */
export function rankOf(hits: Hit[], { evidence = [] }: Question): number | undefined {
  const index = hits.findIndex(({ step }) => evidence.includes(step))
  return index < 0 ? undefined : index + 1
}

export function verdictOf(fixed: number | undefined, evolved: number | undefined, depth: number) {
  const place = (rank: number | undefined) => (rank ? `rank ${rank}` : `below rank ${depth}`)
  return `The answer is at ${place(fixed)} for static vectors, at ${place(evolved)} for evolvable ones.`
}
