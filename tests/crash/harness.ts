/**
 * Does operations, interrupts them at random points, and compares what is there afterwards, to the last bit, with what an
 * uninterrupted run has after the same number of operations.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser, type Interruption } from './browser'
import { numbersFrom, Operations, type Operation } from './operations'
import { Reference } from './reference'

export interface Plan {
  /** Where page.html is served. */
  url: string
  by: Interruption
  times: number
  seed: number
  log?: (line: string) => void
}

export interface Report {
  interruptions: number
  operations: number
  /** By what was being done when it was interrupted: how often that turned out to be done, and how often not. */
  underWay: Partial<Record<Operation['kind'] | 'opening', { done: number; undone: number }>>
}

/** Appends at once: see page.ts. So many operations may be done and not yet acknowledged. */
const OVERLAPPING = 3
/** More than are done between two interruptions. */
const AHEAD = 300
/**
 * An interruption comes after up to so many acknowledgements, and then anywhere in the next so many operations, by the time
 * those before took.
 */
const [ACKNOWLEDGEMENTS, OPERATIONS] = [8, 2]
/** Milliseconds to an interruption of opening. */
const OPENING = 1500
/** Share of the kills that hit a browser that is opening the engine. */
const WHILE_OPENING = 0.1

/** @throws when an acknowledged operation is lost, when a state is torn, when a vector differs in a bit. */
export async function damage({ url, by, times, seed, log = () => {} }: Plan): Promise<Report> {
  const random = numbersFrom(seed ^ 0x5eed)
  const operations = new Operations(seed)
  const folder = await mkdtemp(join(tmpdir(), 'evoembed-crash-'))
  const report: Report = { interruptions: 0, operations: 0, underWay: {} }
  const reference = await Reference.start(url, join(folder, 'reference'), operations)

  /** The next operation to be acknowledged. */
  let next = 0
  /** Operations found done after the last interruption. */
  let done = 0
  const acknowledged: number[] = []
  let onAcknowledge = () => {}
  const start = () =>
    Browser.start(url, join(folder, 'interrupted'), (index) => {
      acknowledged.push(index)
      onAcknowledge()
    })
  const untilAcknowledged = (count: number) =>
    new Promise<void>((resolve) => {
      onAcknowledge = () => acknowledged.length >= count && resolve()
      onAcknowledge()
    })
  const run = (browser: Browser, count: number) =>
    browser.page.evaluate(([operations, first]) => window.damage.run(operations, first), [
      operations.slice(next, next + count),
      next,
    ] as const)
  const interruptOpening = async () => {
    const browser = await start()
    const opening = browser.visit().then(() => browser.open())
    await Promise.race([pause(random() * OPENING), opening])
    await browser.interrupt('kill')
    await opening.catch(() => {})
  }

  let browser = await start()
  try {
    await browser.visit()
    await browser.open()
    for (let round = 1; round <= times; round++) {
      acknowledged.length = 0
      const running = run(browser, AHEAD)
      const began = performance.now()
      const before = 1 + Math.floor(random() * ACKNOWLEDGEMENTS)
      await Promise.race([untilAcknowledged(before), running])
      const pace = (performance.now() - began) / before
      await Promise.race([pause(random() * OPERATIONS * pace), running])
      await browser.interrupt(by)
      await running.catch((error) => {
        if (by === 'terminate') throw error
      })
      report.interruptions++
      const opening = by === 'kill' && random() < WHILE_OPENING
      if (opening) {
        await interruptOpening()
        report.interruptions++
        round++
        count(report, 'opening', false)
      }
      if (by === 'kill') {
        browser = await start()
        await browser.visit()
      }
      if (by !== 'terminate') await browser.open()

      acknowledged.forEach((index, i) => {
        if (index !== next + i) throw new Error(`operation ${index} was acknowledged before ${next + i}`)
      })
      const atLeast = Math.max(done, next + acknowledged.length)
      const { kind } = operations.at(atLeast)
      done = await reference.find(await browser.state(), atLeast, atLeast + OVERLAPPING)
      count(report, kind, done > atLeast)
      log(`${by} ${round}: ${atLeast} operations were acknowledged, ${done} are there; ${kind} was under way`)
      // What was not acknowledged is sent again, as an app would: what is there already changes nothing.
      const again = operations.slice(atLeast, done).every(({ kind }) => REPEATABLE.includes(kind))
      next = again ? atLeast : done
    }
    const left = done + 20 - next
    await run(browser, left)
    report.operations = await reference.find(await browser.state(), next + left, next + left)
    return report
  } finally {
    await browser.close()
    await reference.close()
    await rm(folder, { recursive: true })
  }
}

const REPEATABLE: Operation['kind'][] = ['append', 'replace', 'forget']

function count(report: Report, kind: keyof Report['underWay'], done: boolean): void {
  const counts = (report.underWay[kind] ??= { done: 0, undone: 0 })
  counts[done ? 'done' : 'undone']++
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
