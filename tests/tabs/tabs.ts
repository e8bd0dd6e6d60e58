/** Real tabs with the built library, for tests and measurements that drive a browser of their own. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright'
import { build, preview } from 'vite'
import type { EngineOptions } from '../../src'

const page = 'tests/tabs/page.html'

/** Builds the page and serves it, cross-origin isolated; `url` is its address. */
export async function servePage(): Promise<{ url: string; close(): Promise<void> }> {
  const outDir = await mkdtemp(join(tmpdir(), 'evoembed-tabs-'))
  const built = { outDir, minify: false, rolldownOptions: { input: page } }
  await build({ mode: 'tabs', logLevel: 'error', build: built })
  const server = await preview({ logLevel: 'error', build: { outDir }, preview: { port: 0, open: false } })
  return {
    url: new URL(page, server.resolvedUrls!.local[0]).href,
    async close() {
      await server.close()
      await rm(outDir, { recursive: true })
    },
  }
}

/** One user: tabs that share storage. They find the model of the folder at `/model/`. */
export async function newUser(browser: Browser, modelFolder: string): Promise<BrowserContext> {
  const user = await browser.newContext()
  user.setDefaultTimeout(0)
  await user.route('**/model/**', (route) => {
    const path = new URL(route.request().url()).pathname.slice('/model/'.length)
    return route.fulfill({ path: join(modelFolder, path) })
  })
  return user
}

/** A tab, with `window.engine` created. */
export async function openTab(
  user: BrowserContext,
  url: string,
  options: Partial<EngineOptions> = {},
): Promise<Page> {
  const tab = await user.newPage()
  await tab.goto(url)
  await tab.waitForFunction(() => 'evoembed' in window)
  await tab.evaluate(
    async (options) =>
      void (window.engine = await window.evoembed.createEngine({
        model: '/model/',
        device: 'wasm',
        ...options,
      })),
    options,
  )
  return tab
}
