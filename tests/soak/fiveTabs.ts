/** What five tabs take with one engine for all, and with one each: the shipped model, on WASM. */

import type { Browser } from 'playwright'
import { readdirSync, readFileSync } from 'node:fs'
import { newUser, openTab } from '../tabs/tabs'

const MB = 1e6

export async function fiveTabs(browser: Browser, url: string): Promise<string[]> {
  const [none, sharing, each] = [await take(0, true), await take(5, true), await take(5, false)]
  const more = (bytes: number) => ((bytes - none) / MB).toFixed(0)
  return [
    `five tabs, one engine for all: ${more(sharing)} MB more than five tabs without one; an engine each: ${more(each)} MB more`,
  ]

  async function take(engines: number, share: boolean): Promise<number> {
    const user = await newUser(browser, 'models/evo-mini')
    for (let i = 0; i < 5; i++) {
      if (!engines) {
        await (await user.newPage()).goto(url)
        continue
      }
      const tab = await openTab(user, url, { share })
      await tab.evaluate(async () => {
        const chat = await window.engine.conversation('chat')
        await chat.append(
          Array.from({ length: 20 }, (_, i) => ({ id: `${i}`, text: `The canoe is in garage ${i}.` })),
        )
        await chat.search('Where is the canoe?')
      })
    }
    const bytes = await residentBytes(browser)
    await user.close()
    return bytes
  }
}

/** Proportional set size of all the browser's processes: what they share counts once. Linux only. */
async function residentBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as {
    processInfo: { id: number }[]
  }
  await session.detach()
  const known = new Set(readdirSync('/proc'))
  return processInfo
    .filter(({ id }) => known.has(String(id)))
    .map(
      ({ id }) =>
        Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024,
    )
    .reduce((a, b) => a + b, 0)
}
