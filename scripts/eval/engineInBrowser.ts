/** The real engine in headless Chromium, for the command line. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright'
import { build, preview } from 'vite'
import { launchOptions } from '../browser'

const page = 'scripts/eval/page.html'

/**
 * Builds and serves the evaluation page and opens it; `close` ends the server and the browser.
 * @param modelFolder on disk; the page finds it at `/model/`.
 * @param onReport hears what the page reports.
 */
export async function openEvaluationPage(
  modelFolder: string,
  onReport: Window['report'],
): Promise<{ page: Page; close(): Promise<void> }> {
  const outDir = mkdtempSync(join(tmpdir(), 'evoembed-eval-'))
  process.once('exit', () => rmSync(outDir, { recursive: true }))
  await build({
    mode: 'evaluation',
    logLevel: 'error',
    build: { outDir, minify: false, rolldownOptions: { input: page } },
  })
  const server = await preview({ logLevel: 'error', build: { outDir }, preview: { port: 0, open: false } })
  const browser = await chromium.launch(launchOptions('default'))
  const close = async () => {
    await browser.close()
    await server.close()
  }
  try {
    const context = await browser.newContext()
    await context.exposeFunction('report', onReport)
    await context.route('**/model/**', (route) => {
      const path = join(
        modelFolder,
        decodeURIComponent(new URL(route.request().url()).pathname.slice('/model'.length)),
      )
      return existsSync(path) ? route.fulfill({ path }) : route.fulfill({ status: 404 })
    })
    const opened = await context.newPage()
    opened.setDefaultTimeout(0)
    opened.on('pageerror', (error) => console.error(error))
    await opened.goto(new URL(page, server.resolvedUrls!.local[0]).href)
    await opened.waitForFunction(() => 'evaluation' in window)
    return { page: opened, close }
  } catch (error) {
    await close()
    throw error
  }
}
