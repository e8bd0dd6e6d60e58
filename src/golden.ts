/** Golden texts: what a device must be able to compute before it is trusted. */

import type { Backend } from './backend/backend'
import { ModelCorruptError } from './errors'
import type { Manifest } from './manifest'
import { Memory } from './memory'
import { parseSafetensors, toFloat32 } from './safetensors'
import type { Tokenizer } from './tokenizer'
import { fromFloat16 } from './float16'

export interface Golden {
  /** What is allowed between a value and the reference's: tolerance * (1 + |reference|). */
  tolerance: number
  /** Token ids. The queries are asked after all segments. */
  segments: Int32Array[]
  queries: Int32Array[]
  expected: Record<'segments' | 'queries' | 'latents', Float32Array>
}

/** @throws ModelCorruptError when `vectors`, the bytes of the golden vectors' file, are not those of the texts. */
export function readGolden(
  manifest: Manifest,
  tokenizer: Tokenizer,
  vectors: Uint8Array<ArrayBuffer>,
): Golden {
  const { d, K, m, golden } = manifest
  const tensors = parseSafetensors(golden.vectors, vectors)
  const tensor = (name: string, shape: number[]) => {
    const found = tensors.get(name)
    if (String(found?.shape) !== String(shape))
      throw new ModelCorruptError(golden.vectors, `${name} has shape [${found?.shape ?? ''}], not [${shape}]`)
    return toFloat32(found!)
  }
  return {
    tolerance: golden.tolerance,
    segments: golden.segments.map((text) => tokenizer.encode(text)),
    queries: golden.queries.map((text) => tokenizer.encode(text)),
    expected: {
      segments: tensor('segments', [golden.segments.length, 2 * d + m]),
      queries: tensor('queries', [golden.queries.length, 2 * d + m]),
      latents: tensor('latents', [golden.segments.length, K, d]),
    },
  }
}

/** Throws, naming the first value that is wrong, unless the device computes what the reference did. */
export async function checkGolden(backend: Backend, golden: Golden, signal?: AbortSignal): Promise<void> {
  const memory = await Memory.open(backend, {
    step: 0,
    latents: new Uint16Array(),
    statics: new Float32Array(),
  })
  try {
    const { latents, embeddings } = await memory.append(golden.segments, { signal })
    const { vectors } = await memory.embedQueries(golden.queries, { signal })
    const computed = { latents: fromFloat16(latents), segments: embeddings, queries: vectors }
    for (const name of ['segments', 'queries', 'latents'] as const) {
      const expected = golden.expected[name]
      const wrong = expected.findIndex(
        (value, i) => !(Math.abs(computed[name][i] - value) <= golden.tolerance * (1 + Math.abs(value))),
      )
      if (wrong >= 0)
        throw new Error(
          `it computes wrong numbers: golden ${name}[${wrong}] is ${computed[name][wrong]}, not ${expected[wrong]}`,
        )
    }
  } finally {
    memory.close()
  }
}
