/** A browser whose storage outlives it, and the ways it comes to an end. */

import { chromium, type BrowserContext, type Page } from 'playwright'
import { launchOptions } from '../../scripts/browser'
import type { State } from './page'

export const interruptions = ['kill', 'crash', 'reload', 'terminate'] as const

/**
 * kill: SIGKILL to every process of the browser, as when power fails but for what the disk holds back. crash: the tab's
 * process dies. reload: the page is loaded anew. terminate: the engine's worker is ended.
 */
export type Interruption = (typeof interruptions)[number]

export class Browser {
  private constructor(
    private readonly url: string,
    private readonly context: BrowserContext,
    private readonly processes: number[],
    public page: Page,
  ) {}

  /** @param onAcknowledge hears of each operation that resolved, by its index. */
  static async start(url: string, profile: string, onAcknowledge: (index: number) => void): Promise<Browser> {
    const context = await chromium.launchPersistentContext(profile, launchOptions())
    context.setDefaultTimeout(120_000)
    await context.exposeFunction('acknowledge', onAcknowledge)
    const session = await context.browser()!.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    const ids = processInfo.sort((a, b) => Number(b.type === 'browser') - Number(a.type === 'browser'))
    const [page] = context.pages()
    return new Browser(
      url,
      context,
      ids.map(({ id }) => id),
      page,
    )
  }

  async visit(): Promise<void> {
    await this.page.goto(this.url)
    await this.page.waitForFunction(() => 'damage' in window)
  }

  open(): Promise<unknown> {
    return this.page.evaluate(() => window.damage.open())
  }

  state(): Promise<State> {
    return this.page.evaluate(() => window.damage.state())
  }

  /** Ends what `how` says; the page is open again afterwards, except after 'kill'. */
  async interrupt(how: Interruption): Promise<void> {
    switch (how) {
      case 'kill': {
        const closed = new Promise((resolve) => this.context.once('close', resolve))
        for (const id of this.processes) kill(id)
        await closed
        return
      }
      case 'crash': {
        const page = await this.context.newPage()
        const session = await this.context.newCDPSession(this.page)
        const crashed = new Promise((resolve) => this.page.once('crash', resolve))
        session.send('Page.crash').catch(() => {}) // nothing is left to answer
        await crashed
        await this.page.close()
        this.page = page
        return this.visit()
      }
      case 'reload':
        await this.page.reload()
        await this.page.waitForFunction(() => 'damage' in window)
        return
      case 'terminate':
        return this.page.evaluate(() => window.damage.terminateWorkers())
    }
  }

  close(): Promise<void> {
    return this.context.close()
  }
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // it was gone with the browser
  }
}
