/** Conversations made up without the encoder: what storage and search cost does not depend on what was said. */

import { projectedWidth, type Dimensions } from '../../../src/backend/backend'
import type { EngineInfo } from '../../../src/index'
import { toFloat16 } from '../../../src/float16'
import { tokenCodes } from '../../../src/lateInteraction'
import { Store } from '../../../src/store'
import { randomValues } from '../random'
import { mixedTurns } from '../texts'

/** Of a segment, special ones included: about as many as a turn has. */
const TOKENS = 26

/** Stores `count` segments under `name`: real turns, random embeddings, latents and tokens. */
export async function prepare(
  database: string,
  name: string,
  count: number,
  info: EngineInfo,
  { K, t }: Dimensions,
) {
  const { dimensions, staticDimensions: d } = info
  const embeddings = randomValues(count * dimensions, count)
  for (let row = 0; row < count; row++) scale(embeddings.subarray(row * dimensions, row * dimensions + d))
  await new Store(database).write(name, undefined, {
    from: 0,
    records: {
      segments: mixedTurns(count).map((turn, i) => ({ id: `${i}`, ...turn })),
      embeddings,
      latents: toFloat16(randomValues(count * K * d, count + 1)),
      tokens: Array.from({ length: count }, (_, i) =>
        tokenCodes(randomValues(TOKENS * projectedWidth(t), i), t),
      ),
    },
    space: info.space,
    widths: { embedding: dimensions, latent: K * d, token: t },
  })
}

function scale(vector: Float32Array): void {
  const length = Math.hypot(...vector)
  vector.forEach((value, i) => (vector[i] = value / length))
}
