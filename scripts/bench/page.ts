/** The browser's side of the benchmarks, driven by main.ts. */

import type { Engine } from '../../src/index'
import { append } from './comparisons/append'
import { head } from './comparisons/head'
import { length } from './comparisons/length'
import { longDocument } from './comparisons/longDocument'
import { opening } from './comparisons/opening'
import { staticEncoding } from './comparisons/staticEncoding'
import { topK } from './comparisons/topK'
import { milliseconds } from './measure'
import { mixedTurns } from './texts'
import type { Section } from './section'
import { setting } from './setting'

const comparisons = { staticEncoding, append, head, topK, length, opening, longDocument }

export type Comparison = keyof typeof comparisons

export interface BenchPage {
  run(comparison: Comparison, given: Parameters<typeof setting>[0]): Promise<Section>
  /** Milliseconds from now until the first vector. The engine stays open for `read`. */
  first(given: Parameters<typeof setting>[0]): Promise<number>
  /** Reads the turns in the engine that `first` opened. */
  read(given: Parameters<typeof setting>[0]): Promise<void>
  /** The hardware adapter's name; undefined where there is none, or a software one. */
  hardware(): Promise<string | undefined>
}

declare global {
  interface Window {
    bench: BenchPage
  }
}

let opened: Engine

window.bench = {
  run: (comparison, given) => comparisons[comparison](setting(given)),

  async first(given) {
    return milliseconds(async () => {
      opened = await setting(given).open()
      await opened.embed(['Where is the canoe?'])
    })
  },

  async read(given) {
    const chat = await opened.conversation('turns')
    await chat.append(mixedTurns(given.turns).map((turn, i) => ({ id: `${i}`, ...turn })))
    await opened.close()
  },

  async hardware() {
    const adapter = await navigator.gpu?.requestAdapter()
    if (!adapter || adapter.info.isFallbackAdapter) return undefined
    const { vendor, architecture, description } = adapter.info
    return description || `${vendor} ${architecture}`
  },
}
