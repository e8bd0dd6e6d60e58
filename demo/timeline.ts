/** The turns that were read, a window of them at a time, with what each one's vector leans on. */

import type { Segment } from '../src/index'
import { byId, fill, fromTemplate, partOf, textButton } from './dom'
import { leanOf, type Likeness } from './lean'
import { showError } from './messages'
import type { Session } from './state'
import { atClock, onDay } from './wording'

/** Turns drawn at once, and by how many the buttons widen the window. */
const WINDOW = 240

export interface Timeline {
  /** Scrolls to a turn and flashes it. */
  reveal(step: number): Promise<void>
}

export function mountTimeline(session: Session, fork: (step: number) => void): Timeline {
  const list = byId('turns', HTMLOListElement)
  const scroller = byId('scroller', HTMLDivElement)
  const earlier = byId('earlier', HTMLButtonElement)
  const later = byId('later', HTMLButtonElement)
  let shown = { from: 0, to: 0 }
  let drawing = 0
  /** Segments and vectors of [vectorsFrom, shown.to): the window and what its turns' contexts reach. */
  let segments: Segment[] = []
  let vectors: Float32Array[] = []
  let vectorsFrom = 0
  /** Speakers in order of appearance: each has one of six colours. */
  let voices: string[] = []

  async function draw(from: number, to: number) {
    const turn = ++drawing
    const reach = Math.max(0, from - session.engine.info.capacity)
    const [texts, embeddings] = await Promise.all([
      session.chat.segments({ from: reach, to }),
      session.chat.embeddings({ from: reach, to }),
    ])
    if (turn !== drawing) return
    segments = texts
    vectors = embeddings
    vectorsFrom = reach
    voices = [...new Set(texts.flatMap(({ role }) => role ?? []))]
    shown = { from, to }
    list.replaceChildren(...texts.slice(from - reach).map((segment, i, all) => item(segment, all[i - 1])))
    list.start = from + 1
    earlier.hidden = from === 0
    later.hidden = to === session.step
    markMoment()
  }

  function item(segment: Segment, previous: Segment | undefined) {
    const { root, part } = fromTemplate('turn-template')
    const { step, role, time, text } = segment
    root.id = `turn-${step}`
    root.dataset.step = String(step)
    if (role) root.dataset.voice = String(voices.indexOf(role) % 6)
    if (time !== undefined && (previous?.time === undefined || onDay(time) !== onDay(previous.time)))
      root.dataset.day = onDay(time)
    part('role').textContent = role ?? ''
    part('time').textContent = time === undefined ? '' : atClock(time)
    part('text').textContent = text
    const button = part('step')
    button.textContent = String(step + 1)
    button.setAttribute('aria-label', `Turn ${step + 1}: what its vector leans on`)
    button.addEventListener('click', () => toggle(root))
    fill(button, leanOf(step, vectors, vectorsFrom, session.engine.info).context)
    return root
  }

  function toggle(turn: HTMLElement, open = partOf(turn, 'lean').hidden) {
    const lean = partOf(turn, 'lean')
    if (open && !lean.hasChildNodes()) lean.append(details(Number(turn.dataset.step)))
    lean.hidden = !open
    partOf(turn, 'step').setAttribute('aria-expanded', String(open))
  }

  function details(step: number) {
    const { content, part } = fromTemplate('lean-template')
    const lean = leanOf(step, vectors, vectorsFrom, session.engine.info)
    fill(part('own'), 1)
    fill(part('context'), lean.context)
    part('context-value').textContent = lean.context.toFixed(2)
    part('static-nearest').append(...links(lean.staticNearest))
    part('context-nearest').append(...links(lean.contextNearest))
    part('as-of').addEventListener('click', () => session.travel(step + 1))
    part('fork').addEventListener('click', () => fork(step + 1))
    return content
  }

  function links(likenesses: Likeness[]) {
    if (likenesses.length === 0) return ['nothing yet']
    return likenesses.map(({ step, likeness }) => {
      const button = textButton(segments[step - vectorsFrom].text, () => void reveal(step).catch(showError))
      button.className = 'link'
      button.title = `Turn ${step + 1}, likeness ${likeness.toFixed(2)}`
      button.dataset.number = `${step + 1}`
      return button
    })
  }

  /** Dims what is not read yet as of the moment asked about, and marks what the memory queue then holds. */
  function markMoment() {
    const { asOf, engine } = session
    for (const turn of list.children as HTMLCollectionOf<HTMLElement>) {
      const step = Number(turn.dataset.step)
      turn.classList.toggle('unread', step >= asOf)
      turn.classList.toggle('queued', step < asOf && step >= asOf - engine.info.capacity)
    }
  }

  async function reveal(step: number) {
    if (step < shown.from || step >= shown.to) await drawAround(step)
    const turn = document.getElementById(`turn-${step}`)
    if (!turn) return
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    turn.scrollIntoView({ block: 'center', behavior: still ? 'instant' : 'smooth' })
    turn.classList.remove('flash')
    void turn.offsetWidth // restarts the animation
    turn.classList.add('flash')
    partOf(turn, 'step').focus({ preventScroll: true })
  }

  /** Scrolls the list, never the page, to the last turn read as of the moment asked about. */
  async function follow() {
    const step = session.asOf - 1
    if (step < shown.from || step >= shown.to) await drawAround(step)
    markMoment()
    const turn = document.getElementById(`turn-${step}`)
    if (turn) scroller.scrollTop = turn.offsetTop - scroller.clientHeight * 0.6
  }

  const drawAround = (step: number) =>
    draw(Math.max(0, step - WINDOW / 2), Math.min(session.step, step + WINDOW / 2))

  async function drawNewest() {
    await draw(Math.max(0, session.step - WINDOW), session.step)
    scroller.scrollTop = scroller.scrollHeight
  }

  earlier.addEventListener(
    'click',
    () => void draw(Math.max(0, shown.from - WINDOW), shown.to).catch(showError),
  )
  later.addEventListener(
    'click',
    () => void draw(shown.from, Math.min(session.step, shown.to + WINDOW)).catch(showError),
  )
  session.on(['open'], () => void drawNewest().catch(showError))
  session.on(['grow'], async () => {
    await drawNewest().catch(showError)
    const newest = list.lastElementChild
    if (newest instanceof HTMLElement) toggle(newest, true)
    scroller.scrollTop = scroller.scrollHeight
  })
  session.on(['travel'], () => void follow().catch(showError))
  return { reveal }
}
