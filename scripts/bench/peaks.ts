/** Peak memory of the browser's processes as the system tells it, WASM memory and threads included. */

import { existsSync, readFileSync } from 'node:fs'
import type { Browser } from 'playwright'

/** Bytes that were resident at most; NaN where the system does not tell. */
export interface Peaks {
  /** A page with its workers: of several, the largest. */
  renderer: number
  gpu: number
}

export interface Seen extends Peaks {
  processes: ReadonlySet<number>
}

/** Of the processes that run now; of the renderers only those that `before` has not seen. */
export async function peaks(browser: Browser, before?: Seen): Promise<Seen> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const peak = (type: string) =>
    processInfo
      .filter(
        (process) => process.type === type && !(type === 'renderer' && before?.processes.has(process.id)),
      )
      .map(({ id }) => peakOf(id))
      .reduce((a, b) => (a > b ? a : b), NaN)
  const processes = new Set(processInfo.map(({ id }) => id))
  return { renderer: peak('renderer'), gpu: peak('GPU'), processes }
}

function peakOf(process: number): number {
  const file = `/proc/${process}/status`
  const kilobytes = existsSync(file) && /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(file, 'utf8'))
  return kilobytes ? Number(kilobytes[1]) * 1024 : NaN
}
