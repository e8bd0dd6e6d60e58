/** One ranking's hits, and where it puts the answer. */

import type { Hit } from '../src/index'
import { fill, fromTemplate, partOf } from './dom'
import type { Question } from './parseChat'
import { onDay } from './wording'

/** Hits shown a column. */
export const SHOWN = 5

/** The other column: its name, and its hits' ranks, as deep as compared. */
export interface OtherRanking {
  name: string
  ranks: Map<string, number>
  depth: number
}

/** A hit at `rank`, with its rank in the other column. */
export function hitItem(hit: Hit, rank: number, other: OtherRanking, open: (step: number) => void) {
  const otherRank = other.ranks.get(hit.id)
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
  const risen = (otherRank ?? Infinity) - rank
  shift.textContent = risen === 0 ? 'same rank' : `${other.name} ${otherRank ?? `> ${other.depth}`}`
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

/** The two ranks of the answer in one sentence. */
export function verdictOf(
  fixed: number | undefined,
  evolved: number | undefined,
  depth: number,
  reranked: boolean,
) {
  if (fixed === 1 && evolved === 1) return 'Both put the answer first.'
  const place = (rank: number | undefined) => (rank ? `at ${rank}` : `beyond ${depth}`)
  return `Evolvable vectors${reranked ? ', words and the reranker' : ' and words'} put the answer ${place(evolved)}, static ones ${place(fixed)}.`
}
