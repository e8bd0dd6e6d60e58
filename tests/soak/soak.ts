/** A long, mixed use of one engine, and what of it is left in the worker once its conversations are deleted. */

import type { BrowserContext, Page } from 'playwright'
import { openTab } from '../tabs/tabs'
import { heaps } from './heaps'
import type { Use } from './use'

export interface SoakOptions extends Use {
  device: 'wasm' | 'webgpu'
}

/** What a tab and its engine hold, in bytes or pieces. */
interface Held {
  /** Of JavaScript, typed arrays included; code is not part of it. */
  pageData: number
  workerData: number
  pageBrowserObjects: number
  workerBrowserObjects: number
  /** ONNX Runtime's and the kernels'. */
  wasmMemory: number
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
  tab.on('console', (message) => say(message.text()))
  const idle = async () => {
    await tab.evaluate(() => window.engine.close())
    await waitFor(() => !tab.workers().some((worker) => isEngine(worker.url())))
    return held(tab)
  }
  const open = () =>
    tab.evaluate(async (device) => {
      window.engine = await window.evoembed.createEngine({ model: '/model/', device, share: false })
    }, options.device)

  const use = (phase: string, options: SoakOptions) => {
    say(phase)
    return tab.evaluate((options) => window.soak(window.engine, options), options)
  }
  // Once round first: what is compiled and cached in the first 10,000 segments is no leak.
  const warmUp = { ...options, segments: Math.min(10_000, options.segments) }
  await use('warm-up', warmUp)
  const closedBefore = await idle()
  await open()
  await use('warm-up of the engine that is measured', warmUp)
  const before = await held(tab)
  const start = performance.now()
  const done = await use('soak', options)
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

/** Before anything of a page or its workers runs: counts GPU buffers, open databases and WASM memory. */
async function countPieces(user: BrowserContext): Promise<void> {
  // A worker's script begins with this; what it counts is read through its global.
  const counting = `
    globalThis.pieces = {
      gpuBuffers: 0,
      connections: 0,
      live: [],
      get memories() {
        this.live = this.live.filter((memory) => memory.deref())
        return this.live.reduce((sum, memory) => sum + memory.deref().buffer.byteLength, 0)
      },
    }
    WebAssembly.Memory = class extends WebAssembly.Memory {
      constructor(...args) {
        super(...args)
        pieces.live.push(new WeakRef(this))
      }
    }
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

const isEngine = (url: string) => url.includes('engine.worker')

async function held(tab: Page): Promise<Held> {
  say('measuring')
  const pieces = { wasmMemory: 0, gpuBuffers: 0, connections: 0 }
  for (const worker of tab.workers().filter((worker) => isEngine(worker.url()))) {
    const { memories, gpuBuffers, connections } = await worker.evaluate(() => (globalThis as any).pieces)
    pieces.wasmMemory += memories
    pieces.gpuBuffers += gpuBuffers
    pieces.connections += connections
  }
  const locks = await tab.evaluate(async () => (await navigator.locks.query()).held!.length)
  // Last: what Playwright puts into a worker to evaluate there is then part of it each time.
  const { page, workers } = await heaps(tab, isEngine)
  return {
    pageData: page.data,
    workerData: workers.data,
    pageBrowserObjects: page.browserObjects,
    workerBrowserObjects: workers.browserObjects,
    ...pieces,
    locks,
  }
}

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** On stderr, so that a run that hangs says where. */
function say(what: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${what}`)
}
