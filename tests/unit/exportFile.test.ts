import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CorruptDataError, NewerFormatError } from '../../src/errors'
import { decodeFile, encodeFile, type Exported } from '../../src/exportFile'
import type { Task } from '../../src/host'
import type { Progress } from '../../src/protocol'

const quiet: Task = { signal: new AbortController().signal, progress: () => {} }

const sample: Exported = {
  name: 'chat – ü',
  space: 'f'.repeat(64),
  widths: { embedding: 3, latent: 4 },
  records: {
    segments: [
      { id: 'a', text: 'Où?', role: 'Bob', time: 5, metadata: { n: 1, ok: true, none: null } },
      { id: 'b~1', text: 'Here.', part: { of: 'b', index: 0, count: 2 } },
    ],
    embeddings: Float32Array.of(1, 2, 3, -0.5, 1e-9, 65504),
    latents: Uint16Array.of(0, 1, 2, 64511, 5, 6, 7, 8),
  },
}

const empty: Exported = {
  ...sample,
  records: { segments: [], embeddings: new Float32Array(), latents: new Uint16Array() },
}

describe.each([true, false])('compressed: %s', (compress) => {
  test.each([
    ['with segments', sample],
    ['empty', empty],
  ])('a conversation %s comes back as it was', async (_, exported) => {
    expect(await decodeFile(await encodeFile(exported, compress, quiet), quiet)).toEqual(exported)
  })

  test('any damage is refused', async () => {
    const bytes = new Uint8Array(await (await encodeFile(sample, compress, quiet)).arrayBuffer())
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = bytes.slice()
        damaged[at] ^= flip
        await expect(decodeFile(new Blob([damaged]), quiet)).rejects.toThrow(CorruptDataError)
        await expect(decodeFile(new Blob([bytes.subarray(0, at)]), quiet)).rejects.toThrow(CorruptDataError)
      }),
      { numRuns: 60 },
    )
  })
})

/** The file with its header changed and its checksum made right again, as another program might write it. */
async function forge(change: (header: Record<string, any>) => void): Promise<Blob> {
  const bytes = new Uint8Array(await (await encodeFile(sample, false, quiet)).arrayBuffer())
  const end = 12 + new DataView(bytes.buffer).getUint32(8, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, end)))
  change(header)
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = new Uint8Array(Uint32Array.of(json.length).buffer)
  const content = new Blob([bytes.subarray(0, 8), length, json, bytes.subarray(end, -32)])
  const hash = await crypto.subtle.digest('SHA-256', await content.arrayBuffer())
  return new Blob([content, hash])
}

test.each<[string, (header: Record<string, any>) => void]>([
  ['steps', (header) => (header.step = 3)],
  ['widths', (header) => (header.widths.embedding = 4)],
  ['sizes', (header) => (header.bytes.latents += 2)],
])('%s that do not fit the body are refused', async (_, change) => {
  await expect(decodeFile(await forge(change), quiet)).rejects.toThrow(CorruptDataError)
})

test('a newer format is refused by name', async () => {
  const file = await forge((header) => (header.format = 2))
  await expect(decodeFile(file, quiet)).rejects.toThrow(new NewerFormatError('the exported file', 2, 1))
})

test('packing is reported up to its end, and an abort stops it', async () => {
  const large: Exported = {
    ...sample,
    widths: { embedding: 1_000_000, latent: 0 },
    records: {
      segments: sample.records.segments,
      embeddings: new Float32Array(2_000_000),
      latents: new Uint16Array(),
    },
  }
  const seen: Progress[] = []
  const abort = new AbortController()
  await encodeFile(large, true, { ...quiet, progress: (progress) => seen.push(progress) })
  expect(seen.length).toBeGreaterThan(5)
  expect(seen.at(-1)!.done).toBe(seen.at(-1)!.total)
  const stopped = encodeFile(large, true, { signal: abort.signal, progress: () => abort.abort() })
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
})
