/** The question box, its suggestions, and the two rankings side by side. */

import type { Hit, SearchOptions } from '../src/index'
import { mountChips } from './chips'
import { byId } from './dom'
import { showError } from './messages'
import type { Question } from './parseChat'
import { hitItem, markAnswer, rankOf, SHOWN, verdictOf, type OtherRanking } from './hits'
import type { Session } from './state'
import { isAbort, onDay } from './wording'
import type { Timeline } from './timeline'

/** How deep both rankings are compared. */
const DEPTH = 100

export function mountAsk(session: Session, timeline: Timeline) {
  const input = byId('question', HTMLInputElement)
  const slider = byId('as-of', HTMLInputElement)
  const now = byId('as-of-now', HTMLButtonElement)
  const columns = byId('columns', HTMLDivElement)
  const verdict = byId('verdict', HTMLParagraphElement)
  const chips = mountChips(
    session,
    (question) => {
      input.value = question.text
      askOrTell(question)
    },
    rankings,
  )
  let asked: Question | undefined
  let underway = new AbortController()

  const modeOf = () =>
    new FormData(byId('modes', HTMLFormElement)).get('mode') as NonNullable<SearchOptions['mode']>

  async function rankings({ text }: Question, at: number, signal?: AbortSignal): Promise<[Hit[], Hit[]]> {
    const search = (mode: SearchOptions['mode']) =>
      session.chat.search(text, { mode, topK: DEPTH, at, signal })
    return Promise.all([search('static'), search(modeOf())])
  }

  /** Drops the question under way, if any: its answer would come too late. */
  function supersede() {
    underway.abort()
    underway = new AbortController()
    return underway.signal
  }

  async function ask(question: Question) {
    const signal = supersede()
    asked = question
    chips.press(question)
    const reranked = modeOf() === 'hybrid'
    const [fixed, evolved] = await rankings(question, session.asOf, signal)
    if (signal.aborted) return
    show('static-hits', fixed, other('evolvable', evolved), question)
    show('evolvable-hits', evolved, other('static', fixed), question)
    columns.hidden = false
    byId('evolvable-means', HTMLParagraphElement).textContent =
      'each turn with its memory and its words' +
      (reranked ? '; keywords count too, and the reranker orders' : '')
    Object.assign(columns.dataset, { question: question.text, asOf: session.asOf })
    verdict.textContent = answerKnown(question)
      ? verdictOf(rankOf(fixed, question), rankOf(evolved, question), DEPTH, reranked)
      : session.asOf < session.step
        ? `As of turn ${session.asOf}: nothing later is known.`
        : `The best ${Math.min(SHOWN, fixed.length)} of each ranking.`
  }

  function show(id: string, hits: Hit[], others: OtherRanking, question: Question) {
    const answer = answerKnown(question) ? rankOf(hits, question) : undefined
    const ranks = Array.from({ length: Math.min(SHOWN, hits.length) }, (_, i) => i + 1)
    if (answer && answer > SHOWN) ranks.push(answer)
    byId(id, HTMLOListElement).replaceChildren(
      ...ranks.map((rank) => {
        const open = (step: number) => void timeline.reveal(step).catch(showError)
        const item = hitItem(hits[rank - 1], rank, others, open)
        if (rank === answer) markAnswer(item)
        return item
      }),
    )
  }

  /** Answers were noted for the conversation as it was: another moment may have another answer. */
  function answerKnown({ evidence }: Question) {
    return Boolean(evidence?.length) && session.asOf === session.questions.step
  }

  function drawSlider() {
    slider.max = String(Math.max(1, session.step))
    slider.value = String(session.asOf)
    slider.disabled = session.step < 2
    now.hidden = session.asOf === session.step
    void describeMoment().catch(showError)
  }

  async function describeMoment() {
    const { asOf, step } = session
    const [newest] = asOf ? await session.chat.segments({ from: asOf - 1, to: asOf }) : []
    if (asOf !== session.asOf) return
    const text = `turn ${asOf} of ${step}` + (newest?.time === undefined ? '' : ` · ${onDay(newest.time)}`)
    byId('as-of-text', HTMLOutputElement).textContent = text
    slider.setAttribute('aria-valuetext', text)
  }

  function askOrTell(question: Question | undefined) {
    if (question) ask(question).catch((error) => isAbort(error) || showError(error))
  }
  const again = () => askOrTell(asked)

  byId('ask-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    const text = input.value.trim()
    if (!text || session.opening) return
    askOrTell(session.questions.questions.find((known) => known.text === text) ?? { text })
  })
  byId('modes', HTMLFormElement).addEventListener('change', again)
  slider.addEventListener('input', () => session.travel(Number(slider.value)))
  now.addEventListener('click', () => session.travel(session.step))

  session.on(['opening'], () => {
    input.readOnly = session.opening
    byId('ask-button', HTMLButtonElement).disabled = session.opening
  })
  session.on(['open'], () => {
    supersede()
    columns.hidden = true
    verdict.textContent = ''
    asked = session.questions.questions[0]
    input.value = asked?.text ?? ''
    again()
  })
  session.on(['open', 'grow', 'travel'], drawSlider)
  session.on(['grow', 'travel'], again)
}

function other(name: string, hits: Hit[]): OtherRanking {
  return { name, ranks: new Map(hits.map((hit, i) => [hit.id, i + 1])), depth: DEPTH }
}
