import { create, insert, searchVector } from '@orama/orama'
import { topK as best, VectorIndex } from '../../../src/vectorIndex'
import { interleaved } from '../measure'
import { randomValues } from '../random'
import { compared, row, type Section } from '../section'
import type { Setting } from '../setting'

const DIMENSIONS = 896
const K = 10

/** The ten best of many vectors, exactly. */
export async function topK({ quick }: Setting): Promise<Section> {
  const rows = []
  for (const count of quick ? [1000] : [1000, 20_000, 100_000]) {
    const vectors = randomValues(count * DIMENSIONS, count)
    const query = vectors.slice(0, DIMENSIONS)
    const index = new VectorIndex(DIMENSIONS, count)
    index.push(vectors)
    const ours = () => best(index.scores(query), K)
    const loop = () => best(plainScores(vectors, query), K)
    const orama = await oramaIndex(vectors, query)
    if (`${ours()}` !== `${loop()}` || ours()[0] !== orama()) throw new Error('they do not find the same')
    const timings = await interleaved(quick ? 1 : 15, { ours, loop, orama })
    const name = count.toLocaleString('en')
    const against = (what: string, theirs: number[]) =>
      compared(`${name}, ${what}`, 'ms', theirs, 'EvoEmbed', [theirs, timings.ours], { atLeast: 1 })
    rows.push(
      row(`${name}, EvoEmbed`, 'ms', timings.ours),
      against('plain loop', timings.loop),
      against('Orama', timings.orama),
    )
  }
  return {
    title: 'Top 10 of many vectors',
    note: `Exact search, ${DIMENSIONS} dimensions in f32, one thread. The ratio is how many times our time the others take.`,
    rows,
  }
}

function plainScores(vectors: Float32Array, query: Float32Array): Float32Array {
  const scores = new Float32Array(vectors.length / DIMENSIONS)
  for (let i = 0; i < scores.length; i++) {
    let sum = 0
    for (let j = 0; j < DIMENSIONS; j++) sum += query[j] * vectors[i * DIMENSIONS + j]
    scores[i] = sum
  }
  return scores
}

/** A search that gives the number of the best. It ranks by cosine. */
async function oramaIndex(vectors: Float32Array, query: Float32Array): Promise<() => number> {
  const database = create({ schema: { vector: `vector[${DIMENSIONS}]` } as const })
  for (let i = 0; i * DIMENSIONS < vectors.length; i++) {
    const vector = [...vectors.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS)]
    await insert(database, { id: `${i}`, vector })
  }
  const wanted = { value: [...query], property: 'vector' }
  return () => {
    const found = searchVector(database, { mode: 'vector', vector: wanted, limit: K, similarity: 0 })
    return Number((found as { hits: { id: string }[] }).hits[0].id)
  }
}
