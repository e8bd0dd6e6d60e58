/** Several tabs of one browser on one conversation, and what becomes of it when a tab ends or stands still. */

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, inject, test } from 'vitest'
import { launchOptions } from '../../scripts/browser'

type Turn = { id: string; text: string }

let browser: Browser
let user: BrowserContext
let database: string

beforeAll(async () => void (browser = await chromium.launch(launchOptions())))
afterAll(() => browser.close())
beforeEach(async () => {
  user = await browser.newContext()
  user.setDefaultTimeout(120_000)
  database = crypto.randomUUID()
})
afterEach(() => user.close())

async function openTab(of = database): Promise<Page> {
  const tab = await user.newPage()
  await tab.goto(inject('damageUrl'))
  await tab.waitForFunction(() => 'damage' in window)
  await tab.evaluate((database) => window.damage.open({ database }), of)
  return tab
}

const state = (tab: Page) => tab.evaluate(() => window.damage.state())
const ids = (tab: Page) =>
  tab.evaluate(async () => (await window.damage.engine.segments('chat')).map(({ id }) => id))

/** Appends in turn, each list at once. */
const append = (tab: Page, appends: Turn[][]) =>
  tab.evaluate(async (appends) => {
    const chat = await window.damage.engine.conversation('chat')
    for (const segments of appends) await chat.append(segments)
  }, appends)

const turns = (by: string, count: number): Turn[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${by} ${i}`, text: `the canoe is in garage ${by} ${i}` }))

/** One tab's appends where no other tab is: what the shared conversation must be, to the last bit. */
async function alone(appends: Turn[][]) {
  const tab = await openTab(crypto.randomUUID())
  await append(tab, appends)
  return state(tab)
}

test.each([2, 5])(
  '%d tabs write at once: nothing is lost or interleaved, and all hear of all',
  async (count) => {
    const tabs = await Promise.all(Array.from({ length: count }, () => openTab()))
    const written = tabs.map((_, tab) =>
      Array.from({ length: 10 }, (_, i) => turns(`tab ${tab} append ${i} turn`, 1 + ((tab + i) % 3))),
    )
    const epochs = await Promise.all(
      tabs.map((tab) =>
        tab.evaluateHandle(() => {
          const heard: number[] = []
          window.damage.engine.onChange(({ epoch }) => heard.push(epoch))
          return heard
        }),
      ),
    )
    await Promise.all(tabs.map((tab, i) => append(tab, written[i])))

    const order = await ids(tabs[0])
    const byFirstId = new Map(written.flat().map((append) => [append[0].id, append]))
    const appends = order.flatMap((id) => (byFirstId.has(id) ? [byFirstId.get(id)!] : []))
    expect(order).toEqual(appends.flat().map(({ id }) => id))
    for (const mine of written) expect(appends.filter((append) => mine.includes(append))).toEqual(mine)
    const [first, ...others] = await Promise.all(tabs.map(state))
    for (const other of others) expect(other).toEqual(first)
    expect(first).toEqual(await alone(appends))

    const all = Array.from({ length: count * 10 }, (_, i) => i + 1)
    for (const [i, heard] of epochs.entries()) {
      await tabs[i].waitForFunction(([heard, count]) => heard.length === count, [heard, all.length] as const)
      expect(await heard.jsonValue()).toEqual(all)
    }
  },
)

test('a handle of what another tab has changed, deleted and made anew catches up', async () => {
  const [stale, busy] = [await openTab(), await openTab()]
  await append(stale, [turns('first', 8)])
  await busy.evaluate(async () => {
    const chat = await window.damage.engine.conversation('chat')
    await chat.replace('first 2', 'Ana keeps bees')
    await chat.forget('first 5')
  })
  await append(stale, [turns('second', 2)])
  const edited = turns('first', 8).map((turn) =>
    turn.id === 'first 2' ? { ...turn, text: 'Ana keeps bees' } : turn,
  )
  expect(await ids(stale)).toEqual(
    [...edited.filter(({ id }) => id !== 'first 5'), ...turns('second', 2)].map(({ id }) => id),
  )

  await busy.evaluate(() => window.damage.engine.deleteConversation('chat'))
  await append(busy, [turns('third', 3)])
  await append(stale, [turns('fourth', 2)])
  expect(await state(stale)).toEqual(await alone([turns('third', 3), turns('fourth', 2)]))
})

describe('a tab that writes when it', () => {
  /** A tab in the middle of a long append, which holds the lock, and another that waits for it. */
  async function waiting() {
    const writer = await openTab()
    const renderer = await rendererOf(writer)
    const waiter = await openTab()
    const long = turns('writer', 1500)
    const begun = new Promise<void>((resolve) => writer.exposeFunction('begun', resolve))
    const writing = writer.evaluate(async (segments) => {
      const chat = await window.damage.engine.conversation('chat')
      let told = false
      await chat.append(segments, {
        onProgress: () => {
          if (!told) (window as unknown as { begun(): void }).begun()
          told = true
        },
      })
    }, long)
    writing.catch(() => {}) // heard below, or its tab is gone
    await begun
    return { writer, waiter, renderer, long, writing, mine: turns('waiter', 1) }
  }

  test.each(['is closed', 'crashes'])('%s leaves no trace, and the next one writes', async (how) => {
    const { writer, waiter, mine } = await waiting()
    const waited = append(waiter, [mine])
    if (how === 'is closed') await writer.close()
    else {
      const session = await user.newCDPSession(writer)
      const crashed = new Promise((resolve) => writer.once('crash', resolve))
      session.send('Page.crash').catch(() => {}) // nothing is left to answer
      await crashed
    }
    await waited
    expect(await state(waiter)).toEqual(await alone([mine]))
  })

  test('is frozen by the browser does not keep others from writing, and loses nothing', async () => {
    const { writer, waiter, long, writing, mine } = await waiting()
    const session = await user.newCDPSession(writer)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await append(waiter, [mine])
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await writing
    const order = await ids(waiter)
    expect(await state(waiter)).toEqual(await alone(order[0] === mine[0].id ? [mine, long] : [long, mine]))
  })

  // Its processes stand still, as on a machine that swaps or under a debugger.
  test.skipIf(process.platform === 'win32')(
    'stands still loses the lock, and begins anew when it wakes',
    async () => {
      const { waiter, renderer, long, writing, mine } = await waiting()
      process.kill(renderer, 'SIGSTOP')
      try {
        await append(waiter, [mine])
      } finally {
        process.kill(renderer, 'SIGCONT')
      }
      await writing
      expect(await state(waiter)).toEqual(await alone([mine, long]))
    },
  )
})

/** The process of a tab that is alone: the one that works when the tab does. */
async function rendererOf(tab: Page): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const renderers = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    return processInfo.filter(({ type }) => type === 'renderer')
  }
  const before = new Map((await renderers()).map(({ id, cpuTime }) => [id, cpuTime]))
  await tab.evaluate(() => {
    let hash = 1
    for (let i = 0; i < 5e8; i++) hash = (hash * 31 + i) | 0
    return hash
  })
  const worked = ({ id, cpuTime }: { id: number; cpuTime: number }) => cpuTime - (before.get(id) ?? 0)
  return (await renderers()).reduce((a, b) => (worked(a) > worked(b) ? a : b)).id
}
