/** Conversations made up without the encoder: what storage and search cost does not depend on what was said. */

import type { EngineInfo } from '../../../src/index'
import { toFloat16 } from '../../../src/float16'
import { Store } from '../../../src/store'
import { randomValues } from '../random'
import { mixedTurns } from '../texts'

/** Stores `count` segments under `name`: real turns, random embeddings and latents. */
export async function prepare(database: string, name: string, count: number, info: EngineInfo, K: number) {
  const { dimensions, staticDimensions: d } = info
  const embeddings = randomValues(count * dimensions, count)
  for (let row = 0; row < count; row++) scale(embeddings.subarray(row * dimensions, row * dimensions + d))
  await new Store(database).write(name, undefined, {
    from: 0,
    records: {
      segments: mixedTurns(count).map((turn, i) => ({ id: `${i}`, ...turn })),
      embeddings,
      latents: toFloat16(randomValues(count * K * d, count + 1)),
    },
    space: info.space,
    widths: { embedding: dimensions, latent: K * d },
  })
}

function scale(vector: Float32Array): void {
  const length = Math.hypot(...vector)
  vector.forEach((value, i) => (vector[i] = value / length))
}
