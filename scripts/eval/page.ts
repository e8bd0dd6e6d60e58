/** The browser's side of the evaluation: the engine as an app would use it. Driven by engineInBrowser.ts. */

import {
  createEngine,
  SegmentTooLongError,
  type Engine,
  type EngineInfo,
  type Hit,
  type SearchOptions,
} from '../../src/index'
import type { EvaluationRecord } from './record'

export interface Reading {
  /** One a query: segment indices, best first, every segment once; none for a query that is too long to ask. */
  rankings: number[][]
  appendMs: number
}

export interface EvaluationPage {
  open(model: string, device: 'auto' | 'webgpu' | 'wasm'): Promise<EngineInfo>
  /** Reads a record into a conversation of its own, and asks its queries. */
  read(record: EvaluationRecord, search: Pick<SearchOptions, 'mode' | 'rerank'>): Promise<Reading>
}

declare global {
  interface Window {
    evaluation: EvaluationPage
    /** Set by the driver. */
    report(phase: string, done: number, total: number): void
  }
}

let engine: Engine

window.evaluation = {
  async open(model, device) {
    engine = await createEngine({ model, device })
    return engine.info
  },

  async read({ segments, queries }, search) {
    const chat = await engine.conversation(crypto.randomUUID())
    const inputs = segments.map((text, index) => ({ id: String(index), text }))
    const start = performance.now()
    const { step } = await chat.append(inputs, {
      onProgress: ({ phase, done, total }) => window.report(phase, done, total),
    })
    const appendMs = performance.now() - start
    const rankings: number[][] = []
    for (const { text } of queries) {
      try {
        rankings.push(toRanking(await chat.search(text, { ...search, topK: step }), segments.length))
      } catch (error) {
        if (!(error instanceof SegmentTooLongError)) throw error
        rankings.push([])
      }
      window.report('search', rankings.length, queries.length)
    }
    await chat.delete()
    return { rankings, appendMs }
  },
}

/** Of a segment that was split, the best part counts. */
function toRanking(hits: Hit[], segments: number): number[] {
  const ranking = [...new Set(hits.map(({ id, part }) => Number(part?.of ?? id)))]
  if (ranking.length !== segments) throw new Error(`search gave ${ranking.length} of ${segments} segments`)
  return ranking
}
