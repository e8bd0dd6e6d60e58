/** Peak memory of the browser's processes as the system tells it, WASM memory and threads included. */

import { existsSync, readFileSync } from 'node:fs'
import type { Browser } from 'playwright'

/**
 * Bytes that were resident at most, of a page with its workers (of several, the largest) and of the GPU process; NaN where
 * the system does not tell.
 */
export async function peaks(browser: Browser): Promise<{ renderer: number; gpu: number }> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const peak = (type: string) =>
    processInfo
      .filter((process) => process.type === type)
      .map(({ id }) => peakOf(id))
      .reduce((a, b) => (a > b ? a : b), NaN)
  return { renderer: peak('renderer'), gpu: peak('GPU') }
}

function peakOf(process: number): number {
  const file = `/proc/${process}/status`
  const kilobytes = existsSync(file) && /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(file, 'utf8'))
  return kilobytes ? Number(kilobytes[1]) * 1024 : NaN
}
