/** Suggested questions as chips, and how both kinds of vector do on all of them. */

import type { Hit } from '../src/index'
import { byId, fromTemplate, partOf, textButton } from './dom'
import { rankOf, SHOWN } from './hits'
import { showError } from './messages'
import type { Question } from './parseChat'
import { SAMPLE } from './questions'
import type { Session } from './state'

export type Rankings = (question: Question, at: number) => Promise<[Hit[], Hit[]]>

export function mountChips(session: Session, ask: (question: Question) => void, rankings: Rankings) {
  const list = byId('chips', HTMLUListElement)
  const tally = byId('tally', HTMLParagraphElement)

  function draw() {
    const { questions } = session.questions
    list.replaceChildren(...questions.map(chip))
    tally.replaceChildren()
    if (questions.some(({ evidence }) => evidence?.length))
      tally.append(textButton('Try them all', () => void tryAll().catch(showError)))
  }

  function chip(question: Question) {
    const { root, part } = fromTemplate('chip-template')
    part('text').textContent = question.text
    const button = root.querySelector('button')!
    button.dataset.text = question.text
    button.addEventListener('click', () => ask(question))
    return root
  }

  /** Ranks every question whose answer is known, as of the moment it was noted, and counts the answers found. */
  async function tryAll() {
    const { questions, step } = session.questions
    const known = questions.filter(({ evidence }) => evidence?.length)
    const found: (number | undefined)[][] = []
    for (const question of known) {
      const ranks = (await rankings(question, step)).map((hits) => rankOf(hits, question))
      if (questions !== session.questions.questions) return
      found.push(ranks)
      mark(question, ranks)
    }
    const within = (depth: number) => {
      const [fixed, evolved] = [0, 1].map((column) => found.filter((ranks) => ranks[column]! <= depth).length)
      return `static ${fixed}, evolvable ${evolved}`
    }
    tally.textContent =
      `Of ${known.length} answers, first: ${within(1)}; among the first ${SHOWN}: ${within(SHOWN)}.` +
      (session.name === SAMPLE
        ? ' These were chosen to show the difference; the README has measurements.'
        : '')
  }

  function mark({ text }: Question, ranks: (number | undefined)[]) {
    const chip = [...list.querySelectorAll('button')].find((button) => button.dataset.text === text)!
    const marks = partOf(chip, 'marks')
    marks.replaceChildren(
      ...ranks.map((rank, column) => {
        const mark = document.createElement('i')
        mark.className = column ? 'evolvable' : 'static'
        mark.classList.toggle('first', rank === 1)
        mark.textContent = rank ? String(rank) : '–'
        mark.title = `${column ? 'Evolvable' : 'Static'}: the answer is at rank ${rank ?? 'beyond the list'}`
        return mark
      }),
    )
  }

  /** Shows which suggestion is being asked, if any. */
  function press({ text }: Question) {
    for (const button of list.querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset.text === text))
  }

  session.on(['open'], draw)
  return { press }
}
