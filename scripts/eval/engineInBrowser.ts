/** The real engine in headless Chromium, for the command line. */

import type { Page } from 'playwright'
import { openPage } from '../openPage'

/**
 * Opens the evaluation page; `close` ends the server and the browser.
 * @param modelFolder on disk; the page finds it at `/model/`.
 * @param onReport hears what the page reports.
 */
export async function openEvaluationPage(
  modelFolder: string,
  onReport: Window['report'],
): Promise<{ page: Page; close(): Promise<void> }> {
  const { page, close } = await openPage({
    html: 'scripts/eval/page.html',
    folders: { model: modelFolder },
    exposed: { report: onReport },
  })
  try {
    await page.waitForFunction(() => 'evaluation' in window)
    return { page, close }
  } catch (error) {
    await close()
    throw error
  }
}
