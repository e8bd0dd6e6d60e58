/** A long, mixed use of one engine, and what of it is left in the worker once its conversations are deleted. */

import type { BrowserContext, CDPSession, Page } from 'playwright'
import { openTab } from '../tabs/tabs'
import type { Use } from './use'

export interface SoakOptions extends Use {
  device: 'wasm' | 'webgpu'
}

/** What an engine holds, in bytes or pieces. */
interface Held {
  /** JavaScript heap of all of the tab's threads, typed arrays and WASM memory included. */
  bytes: number
  gpuBuffers: number
  connections: number
  locks: number
}

/** Part of what it was at the start that may be more at the end. */
const TOLERANCE = 0.05

/**
 * Every append goes to one of the conversations; now and then one is searched, forked, rewound, shortened, or deleted and
 * begun again. Held is compared: of the engine before and after all of it, and of the tab before and after the engine.
 */
export async function soak(user: BrowserContext, url: string, options: SoakOptions) {
  await countPieces(user)
  const tab = await openTab(user, url, { device: options.device, share: false })
  const idle = async () => {
    await tab.evaluate(() => window.engine.close())
    return held(tab)
  }
  const open = () =>
    tab.evaluate(async (device) => {
      window.engine = await window.evoembed.createEngine({ model: '/model/', device, share: false })
    }, options.device)

  const use = (tab: Page, options: SoakOptions) =>
    tab.evaluate((options) => window.soak(window.engine, options), options)
  const warmUp = { ...options, segments: Math.min(600, options.segments), conversations: 3 }
  // Once round first: what is compiled and cached at first use is no leak.
  await use(tab, warmUp)
  const closedBefore = await idle()
  await open()
  await use(tab, warmUp)
  const before = await held(tab)
  const start = performance.now()
  const done = await use(tab, options)
  const seconds = (performance.now() - start) / 1000
  const after = await held(tab)
  const closedAfter = await idle()

  const leaks: string[] = []
  const lines = [
    `soak: ${JSON.stringify(done)} in ${seconds.toFixed(0)} s, seed ${options.seed}, ${options.device}`,
  ]
  const compare = (what: string, from: Held, to: Held) => {
    for (const key of Object.keys(from) as (keyof Held)[]) {
      lines.push(`${what}: ${key} ${from[key]} before, ${to[key]} after`)
      if (to[key] > from[key] * (1 + TOLERANCE)) leaks.push(`${what}: ${key} ${from[key]} -> ${to[key]}`)
    }
  }
  compare('conversations deleted', before, after)
  compare('engine closed', closedBefore, closedAfter)
  return { lines, leaks }
}

/** Before anything of a page or its workers runs: counts GPU buffers and open databases. */
async function countPieces(user: BrowserContext): Promise<void> {
  // A worker's script begins with this; what it counts is read through its global.
  const counting = `
    globalThis.pieces = { gpuBuffers: 0, connections: 0 }
    if (globalThis.GPUDevice) {
      const create = GPUDevice.prototype.createBuffer
      const destroy = GPUBuffer.prototype.destroy
      const live = new WeakSet()
      GPUDevice.prototype.createBuffer = function (...args) {
        const buffer = create.apply(this, args)
        live.add(buffer)
        pieces.gpuBuffers++
        return buffer
      }
      GPUBuffer.prototype.destroy = function () {
        if (live.delete(this)) pieces.gpuBuffers--
        return destroy.apply(this)
      }
    }
    {
      const open = IDBFactory.prototype.open
      const close = IDBDatabase.prototype.close
      const live = new WeakSet()
      IDBFactory.prototype.open = function (...args) {
        const request = open.apply(this, args)
        request.addEventListener('success', () => {
          live.add(request.result)
          pieces.connections++
        })
        return request
      }
      IDBDatabase.prototype.close = function () {
        if (live.delete(this)) pieces.connections--
        return close.apply(this)
      }
    }
  `
  await user.route('**/engine.worker*', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: counting + (await response.text()) })
  })
}

/** After the garbage of all threads is collected. */
async function held(tab: Page): Promise<Held> {
  const session = await tab.context().newCDPSession(tab)
  await session.send('HeapProfiler.collectGarbage')
  const bytes = await memory(tab, session)
  let [gpuBuffers, connections] = [0, 0]
  // ONNX Runtime's threads, which are workers too, sleep in a way that answers no one.
  for (const worker of tab.workers().filter((worker) => worker.url().includes('engine.worker'))) {
    const pieces = await worker.evaluate(() => (globalThis as any).pieces)
    gpuBuffers += pieces?.gpuBuffers ?? 0
    connections += pieces?.connections ?? 0
  }
  const locks = await tab.evaluate(async () => (await navigator.locks.query()).held!.length)
  await session.detach()
  return { bytes, gpuBuffers, connections, locks }
}

/** `measureUserAgentSpecificMemory` collects garbage before it counts; the least of three, as some of it comes late. */
async function memory(tab: Page, session: CDPSession): Promise<number> {
  let least = Infinity
  for (let i = 0; i < 3; i++) {
    await session.send('HeapProfiler.collectGarbage')
    const { bytes } = await tab.evaluate(() => (performance as any).measureUserAgentSpecificMemory())
    least = Math.min(least, bytes)
  }
  return least
}
