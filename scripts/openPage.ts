/** A page of ours, built and served, in headless Chromium: for command lines that need the real engine. */

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { launchOptions } from './browser'
import { servePage } from './servePage'

export interface Options {
  /** The page's HTML file, from the repository's root. */
  html: string
  /** Folders on disk, by the path the page finds them at: `models/evo-mini`, say. */
  folders: Record<string, string>
  /** Functions the page may call, by the name they have on its window. */
  exposed?: Record<string, (...args: never[]) => unknown>
  adapter?: Parameters<typeof launchOptions>[0]
  minify?: boolean
}

export interface OpenedPage {
  page: Page
  browser: Browser
  /** A tab in a browser context of its own: it shares no storage and no cache with the others. */
  another(): Promise<Page>
  /**
   * A tab in a browser of its own, with a fresh profile on disk, as a user's is: the cache of other contexts is in memory
   * and takes no file as large as ONNX Runtime's. Closing its context ends that browser.
   */
  inProfile(): Promise<Page>
  /** Ends the server and all browsers. */
  close(): Promise<void>
}

/** Builds and serves a page and opens it, cross-origin isolated; resolves once it has loaded. */
export async function openPage({
  html,
  folders,
  exposed = {},
  adapter = 'default',
  minify = false,
}: Options): Promise<OpenedPage> {
  const server = await servePage(html, folders, { minify })
  const options = launchOptions(adapter)
  const browser = await chromium.launch(options)
  const opened = async (context: BrowserContext) => {
    for (const [name, work] of Object.entries(exposed)) await context.exposeFunction(name, work)
    const page = await context.newPage()
    page.setDefaultTimeout(0)
    page.on('pageerror', (error) => console.error(error))
    await page.goto(server.url)
    return page
  }
  const another = async () => opened(await browser.newContext())
  const profiles: BrowserContext[] = []
  const inProfile = async () => {
    const profile = await chromium.launchPersistentContext('', options)
    profiles.push(profile)
    return opened(profile)
  }
  const close = async () => {
    await Promise.all(profiles.map((profile) => profile.close()))
    await browser.close()
    await server.close()
  }
  try {
    return { page: await another(), browser, another, inProfile, close }
  } catch (error) {
    await close()
    throw error
  }
}
