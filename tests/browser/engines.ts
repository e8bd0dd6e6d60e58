/** Real engines for tests of the public API: a worker each unless shared, WASM, the tiny model, a database of their own. */

import { promisifyRequest } from 'idb-keyval'
import { afterAll } from 'vitest'
import {
  createEngine,
  type Conversation,
  type Engine,
  type EngineOptions,
  type SegmentInput,
} from '../../src'
import { bytesOf, type Chunk, type Kind } from '../../src/chunks'
import { chunkRange } from '../../src/database'

export const tinyModel = new URL('../fixtures/tiny-model/', import.meta.url).href

const open = new Set<Engine>()

export async function openEngine(options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await createEngine({
    model: tinyModel,
    device: 'wasm',
    database: crypto.randomUUID(),
    share: false,
    ...options,
  })
  open.add(engine)
  return engine
}

afterAll(async () => {
  for (const engine of open) await engine.close()
})

const words = 'the canoe is in garage for now I moved to Lisbon last spring and Ana keeps bees'.split(' ')

/** Turns m<from>.. of two speakers, each short enough for one segment, all different, the same each time. */
export function turns(count: number, from = 0): SegmentInput[] {
  return Array.from({ length: count }, (_, n) => {
    const i = from + n
    const text = Array.from({ length: 1 + ((i * 7) % 4) }, (_, j) => words[(i * 5 + j * j) % words.length])
    return {
      id: `m${i}`,
      role: i % 2 ? 'Ana' : 'Bob',
      text: `${text.join(' ')} ${i}`,
      time: Date.UTC(2024, 0, 1 + i),
      metadata: { number: i, third: i % 3 === 0 },
    }
  })
}

/** Everything a memory says of itself: two that agree in this are the same memory. */
export async function portrait(chat: Conversation, at?: number) {
  return {
    vector: await chat.embedQuery('Where is the canoe now?', { at }),
    hits: await chat.search('Where is the canoe now?', { topK: 100, at }),
    embeddings: await chat.embeddings({ to: at }),
    segments: await chat.segments({ to: at }),
  }
}

/** The numbers of a portrait for comparison within a tolerance, in which nearly equal hits may change places. */
export function numbers({ vector, hits, embeddings }: Awaited<ReturnType<typeof portrait>>): number[] {
  const bySteps = [...hits].sort((a, b) => a.step - b.step)
  return [
    ...vector,
    ...hits.map(({ score }) => score),
    ...bySteps.flatMap((hit) => [hit.step, hit.staticScore, hit.evolvedScore]),
    ...embeddings.flatMap((row) => [...row]),
  ]
}

/** A conversation's rows of vectors as stored, each as its bytes. */
export async function storedRows(
  database: string,
  name: string,
  kind: Exclude<Kind, 'segments'>,
): Promise<Uint8Array[]> {
  const opened = await promisifyRequest(indexedDB.open(database))
  const records = opened.transaction('records').objectStore('records')
  const found = await promisifyRequest<Chunk[]>(records.getAll(chunkRange(name, kind, 0)))
  opened.close()
  return found.flatMap(({ rows, sums }) => {
    const width = rows.length / sums.length
    return Array.from(sums, (_, i) =>
      bytesOf(Array.isArray(rows) ? (rows[i] as Int8Array) : rows.subarray(i * width, (i + 1) * width)),
    )
  })
}
