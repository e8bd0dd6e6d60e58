/** Five real tabs that share one worker, and what becomes of them when the tab that has it ends or stands still. */

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchOptions } from '../../scripts/browser'
import { newUser, openTab, servePage } from '../tabs/tabs'

/** Of a long append: some are to be unread when their tab is gone. */
const TURNS = 400

let browser: Browser
let server: Awaited<ReturnType<typeof servePage>>
let user: BrowserContext
let tabs: Page[]

beforeAll(async () => {
  server = await servePage()
  browser = await chromium.launch(launchOptions())
})
afterAll(async () => {
  await browser.close()
  await server.close()
})
beforeEach(async () => {
  user = await newUser(browser, 'tests/fixtures/tiny-model')
  tabs = []
  for (let i = 0; i < 5; i++) tabs.push(await openTab(user, server.url))
})
afterEach(() => user.close())

const engines = () =>
  user.pages().flatMap((tab) => tab.workers().filter((worker) => worker.url().includes('engine.worker')))

/** Begins a long append, and resolves once some of it is read: its result comes later. `event`: given to the page then. */
async function beginAppend(
  tab: Page,
  name: string,
  event?: string,
): Promise<() => Promise<{ step: number }>> {
  const result = await tab.evaluateHandle(
    async ({ name, event, count }) => {
      const chat = await window.engine.conversation(name)
      const turns = Array.from({ length: count }, (_, i) => ({
        id: `m${i}`,
        text: `the canoe is in garage ${i}`,
      }))
      return new Promise<{ result: Promise<{ step: number }> }>((resolve) => {
        const onProgress = ({ done }: { done: number }) => {
          if (!done) return
          resolve({ result })
          if (event) document.dispatchEvent(new Event(event))
          event = undefined
        }
        const result = chat.append(turns, { onProgress })
        result.catch(() => {}) // told by the test
      })
    },
    { name, event, count: TURNS },
  )
  return () => result.evaluate(({ result }) => result)
}

const digest = (tab: Page, name: string) =>
  tab.evaluate(async (name) => {
    const chat = await window.engine.conversation(name)
    const rows = await chat.embeddings()
    const bytes = await new Blob(rows as BlobPart[]).arrayBuffer()
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    return `${rows.length} ${[...hash].join(' ')}`
  }, name)

/** The same append, where nothing ended. */
async function undisturbed(tab: Page) {
  await (
    await beginAppend(tab, 'undisturbed')
  )()
  return digest(tab, 'undisturbed')
}

test.each<[string, (leader: Page) => Promise<unknown>]>([
  ['closes', (leader) => leader.close()],
  ['crashes', (leader) => leader.goto('chrome://crash').catch(() => {})],
])('the tab with the worker %s: the appends of the others go on, in one new worker', async (_, end) => {
  expect(engines()).toHaveLength(1)
  expect(tabs[0].workers().length).toBeGreaterThan(0)
  const appends = await Promise.all([1, 2].map((i) => beginAppend(tabs[i], `chat ${i}`)))
  await end(tabs[0])
  for (const append of appends) expect(await append()).toMatchObject({ step: TURNS })
  const expected = await undisturbed(tabs[3])
  // Only now, as nobody leads until somebody asks: appends may have been done before their tab was gone.
  await expect.poll(() => engines().length).toBe(1)
  for (const i of [1, 2]) expect(await digest(tabs[4], `chat ${i}`)).toBe(expected)
})

test('the tab with the worker is frozen: the others go on, and so does it when it wakes', async () => {
  // Playwright keeps every tab visible, and what is visible the browser does not freeze: only its events are given.
  const appends = [await beginAppend(tabs[1], 'chat 1'), await beginAppend(tabs[0], 'chat 0', 'freeze')]
  expect(await appends[0]()).toMatchObject({ step: TURNS })
  // What the frozen tab was writing is not locked either.
  expect(
    await tabs[2].evaluate(async () =>
      (await window.engine.conversation('chat 0')).append({ text: 'first' }),
    ),
  ).toMatchObject({ added: 1 })
  await tabs[0].evaluate(() => document.dispatchEvent(new Event('resume')))
  expect(await appends[1]()).toMatchObject({ step: TURNS + 1 })
  await expect.poll(() => engines().length).toBe(1)
})
