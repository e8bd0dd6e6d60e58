/** The browser's side of the benchmarks, driven by main.ts. */

import { append } from './comparisons/append'
import { head } from './comparisons/head'
import { length } from './comparisons/length'
import { longDocument } from './comparisons/longDocument'
import { opening } from './comparisons/opening'
import { staticEncoding } from './comparisons/staticEncoding'
import { topK } from './comparisons/topK'
import { mixedTurns } from './texts'
import type { Section } from './section'
import { setting, type Setting } from './setting'

const comparisons = { staticEncoding, append, head, topK, length, opening, longDocument }

export type Comparison = keyof typeof comparisons

export interface BenchPage {
  run(comparison: Comparison, given: Parameters<typeof setting>[0]): Promise<Section>
  /** Milliseconds from now until the first vector; then the memory of page and worker once 300 turns are read. */
  first(given: Parameters<typeof setting>[0]): Promise<{ firstVector: number; memory: number }>
  /** The hardware adapter's name; undefined where there is none, or a software one. */
  hardware(): Promise<string | undefined>
}

declare global {
  interface Window {
    bench: BenchPage
  }
  interface Performance {
    /** Chromium, where the page is cross-origin isolated. */
    measureUserAgentSpecificMemory?(): Promise<{ bytes: number }>
  }
}

window.bench = {
  run: (comparison, given) => comparisons[comparison](setting(given)),

  async first(given) {
    const start = performance.now()
    const { open }: Setting = setting(given)
    const engine = await open()
    await engine.embed(['Where is the canoe?'])
    const firstVector = performance.now() - start
    const chat = await engine.conversation('turns')
    await chat.append(mixedTurns(given.turns).map((turn, i) => ({ id: `${i}`, ...turn })))
    const memory = (await performance.measureUserAgentSpecificMemory?.())?.bytes ?? NaN
    await engine.close()
    return { firstVector, memory }
  },

  async hardware() {
    const adapter = await navigator.gpu?.requestAdapter()
    if (!adapter || adapter.info.isFallbackAdapter) return undefined
    const { vendor, architecture, description } = adapter.info
    return description || `${vendor} ${architecture}`
  },
}
