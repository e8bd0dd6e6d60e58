/** The first vector, from a cold and from a warm cache; what is downloaded for it; the memory taken. */

import type { Page } from 'playwright'
import type { OpenedPage } from '../openPage'
import { peaks } from './peaks'
import { row, type Section } from './section'
import type { setting } from './setting'

export async function firstVector(
  { inProfile }: OpenedPage,
  given: Parameters<typeof setting>[0],
): Promise<Section> {
  const [cold, warm, downloaded, downloadedWarm]: number[][] = [[], [], [], []]
  const memory: { renderer: number[]; gpu: number[] } = { renderer: [], gpu: [] }
  for (let round = 0; round < (given.quick ? 1 : 3); round++) {
    const page = await inProfile()
    const bytes = counter(page)
    const first = async () => {
      await page.waitForFunction(() => 'bench' in window)
      const before = await bytes()
      const milliseconds = await page.evaluate((given) => window.bench.first(given), given)
      return { milliseconds, bytes: (await bytes()) - before }
    }
    const one = await first()
    await page.reload()
    const two = await first()
    await page.evaluate((given) => window.bench.read(given), given)
    const { renderer, gpu } = await peaks(page.context().browser()!)
    await page.context().close()
    console.error(`  round ${round + 1}: ${[one, two].map((it) => `${Math.round(it.milliseconds)} ms`)}`)
    cold.push(one.milliseconds)
    warm.push(two.milliseconds)
    downloaded.push(one.bytes / 1e6)
    downloadedWarm.push(two.bytes / 1e6)
    memory.renderer.push(renderer / 1e6)
    memory.gpu.push(gpu / 1e6)
  }
  return {
    title: `First vector, ${given.device}`,
    note:
      'From createEngine in a page that is loaded, until a first text is embedded; the server is on the same machine. Cold: ' +
      'a browser profile that has seen nothing; warm: the page loaded again. Memory is the most that the system says was ' +
      `resident once the warm page has read ${given.turns} turns as well (Linux only).`,
    rows: [
      row('from a cold cache', 'ms', cold),
      row('from a warm cache', 'ms', warm),
      row('downloaded, cold', 'MB', downloaded),
      row('downloaded, warm', 'MB', downloadedWarm),
      row('peak memory, page and worker', 'MB', memory.renderer),
      row("peak memory, browser's GPU process", 'MB', memory.gpu),
    ],
  }
}

/** Bytes of all responses so far, those for workers included; what came from the browser's cache counts as 0. */
function counter(page: Page): () => Promise<number> {
  const sizes: Promise<number>[] = []
  page.on('requestfinished', (request) => {
    const size = async () => {
      const response = await request.response()
      return response?.fromServiceWorker() ? 0 : (await request.sizes()).responseBodySize
    }
    sizes.push(size().catch(() => 0))
  })
  return async () => (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
