/** Golden texts: what a device must be able to compute before it is trusted. */

import type { Backend, DeviceName } from './backend/backend'
import { ModelCorruptError } from './errors'
import { lateInteraction } from './lateInteraction'
import type { Manifest } from './manifest'
import { Memory } from './memory'
import { parseSafetensors, toFloat32 } from './safetensors'
import type { Tokenizer } from './tokenizer'
import { fromFloat16 } from './float16'

const NAMES = ['segments', 'queries', 'latents', 'late'] as const

export interface Golden {
  /** How far from its reference a vector may be, as a share of the reference's length. */
  tolerance: number
  /** Token ids. The queries are asked after all segments. */
  segments: Int32Array[]
  queries: Int32Array[]
  /** Segments before one that count for it in late interaction. */
  reach: number
  /** `late`: of every query with every segment. */
  expected: Record<(typeof NAMES)[number], Float32Array>
}

/** @throws ModelCorruptError when the bytes of the device's golden vectors in `files` are not those of the texts. */
export function readGolden(
  manifest: Manifest,
  device: DeviceName,
  tokenizer: Tokenizer,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Golden {
  const { d, K, m, golden } = manifest
  const { vectors, tolerance } = golden.devices[device]
  const tensors = parseSafetensors(vectors, files.get(vectors)!)
  const tensor = (name: string, shape: number[]) => {
    const found = tensors.get(name)
    if (String(found?.shape) !== String(shape))
      throw new ModelCorruptError(vectors, `${name} has shape [${found?.shape ?? ''}], not [${shape}]`)
    return toFloat32(found!)
  }
  return {
    tolerance,
    reach: manifest.late.reach,
    segments: golden.segments.map((text) => tokenizer.encode(text)),
    queries: golden.queries.map((text) => tokenizer.encode(text)),
    expected: {
      segments: tensor('segments', [golden.segments.length, 2 * d + m]),
      queries: tensor('queries', [golden.queries.length, 2 * d + m]),
      latents: tensor('latents', [golden.segments.length, K, d]),
      late: tensor('late', [golden.queries.length, golden.segments.length]),
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
    const { latents, embeddings, tokens } = await memory.append(golden.segments, { signal })
    const { vectors, late } = await memory.embedQueries(golden.queries, { signal })
    const steps = [...tokens.keys()]
    const computed = {
      segments: embeddings,
      queries: vectors,
      latents: fromFloat16(latents),
      late: Float32Array.from(
        late.flatMap((query) =>
          lateInteraction(query, tokens, steps, golden.reach).map(({ score }) => score),
        ),
      ),
    }
    const { d, m } = backend.dimensions
    const widths = { segments: 2 * d + m, queries: 2 * d + m, latents: d, late: golden.segments.length }
    for (const name of NAMES) {
      const width = widths[name]
      for (let start = 0; start < golden.expected[name].length; start += width) {
        const expected = golden.expected[name].subarray(start, start + width)
        const found = computed[name].subarray(start, start + width)
        const apart = Math.hypot(...expected.map((value, i) => found[i] - value)) / Math.hypot(...expected)
        if (!(apart <= golden.tolerance))
          throw new Error(
            `it computes wrong numbers: golden ${name}[${start / width}] is off by ${apart.toPrecision(2)} of its ` +
              `length, ${golden.tolerance} is allowed`,
          )
      }
    }
  } finally {
    memory.close()
  }
}
