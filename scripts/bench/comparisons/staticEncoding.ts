import { wrap } from 'comlink'
import type { Setting } from '../setting'
import { interleaved } from '../measure'
import { compared, row, type Section } from '../section'
import { mixedTurns } from '../texts'
import type { Peer } from '../transformers.worker'

/** Texts a call of the peer: one, a usual batch, and all, as our engine is given them. */
const BATCHES = [1, 16, Infinity]

/** Our static vectors against those of transformers.js from the same file, on WASM with the same threads. */
export async function staticEncoding({ open, model, runtime, turns, quick }: Setting): Promise<Section> {
  const texts = mixedTurns(turns).map(({ role, text }) => `${role}: ${text}`)
  const worker = new Worker(new URL('../transformers.worker.ts', import.meta.url), { type: 'module' })
  const peer = wrap<Peer>(worker)
  const threads = Math.min(4, navigator.hardwareConcurrency)
  await peer.open(new URL('..', model).pathname, model.pathname.split('/').at(-2)!, runtime, threads)
  const engine = await open()
  try {
    checkAlike(await engine.embed(texts.slice(0, 8)), await peer.embed(texts.slice(0, 8), 1))
    const sizes = new Set(BATCHES.map((batch) => Math.min(batch, texts.length)))
    const theirs = [...sizes].map((size) => ({
      name: `transformers.js, ${size === 1 ? 'one text' : `${size} texts`} a call`,
      size,
    }))
    const timings = await interleaved(quick ? 1 : 3, {
      ours: () => engine.embed(texts),
      ...Object.fromEntries(theirs.map(({ name, size }) => [name, () => peer.embed(texts, size)])),
    } as Record<string, () => Promise<unknown>>)
    return {
      title: 'Static encoding against transformers.js',
      note:
        `${texts.length} turns of mixed length, the same model file on WASM with ${threads} threads, each in a ` +
        'worker; milliseconds for all. Ours are one call, which sorts them into batches; the peer computes a call as one ' +
        'batch, padded to its longest text. The ratio is how many times our time the peer takes.',
      rows: [
        row('EvoEmbed', 'ms', timings.ours),
        ...theirs.map(({ name }) =>
          compared(name, 'ms', timings[name], 'EvoEmbed', [timings[name], timings.ours], { atLeast: 1.3 }),
        ),
      ],
    }
  } finally {
    await engine.close()
    worker.terminate()
  }
}

/** A peer that computes something else is no peer. */
function checkAlike(ours: Float32Array[], theirs: Float32Array[]): void {
  for (const [i, vector] of ours.entries()) {
    const apart = Math.max(...vector.map((value, j) => Math.abs(value - theirs[i][j])))
    if (!(apart < 1e-4)) throw new Error(`text ${i}: the vectors are ${apart} apart`)
  }
}
