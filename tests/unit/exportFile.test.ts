import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CorruptDataError, NewerFormatError } from '../../src/errors'
import { checkSegments } from '../../src/exportHeader'
import { decodeFile, encodeFile, type Exported } from '../../src/exportFile'
import type { Task } from '../../src/host'
import type { Progress } from '../../src/protocol'

const quiet: Task = { signal: new AbortController().signal, progress: () => {} }

const sample: Exported = {
  name: 'chat – ü',
  space: 'f'.repeat(64),
  widths: { embedding: 3, latent: 4, token: 2 },
  records: {
    segments: [
      { id: 'a', text: 'Où?', role: 'Bob', time: 5, metadata: { n: 1, ok: true, none: null } },
      { id: 'b~1', text: 'Here.', part: { of: 'b', index: 0, count: 2 } },
    ],
    embeddings: Float32Array.of(1, 2, 3, -0.5, 1e-9, 65504),
    latents: Uint16Array.of(0, 1, 2, 64511, 5, 6, 7, 8),
    tokens: [Int8Array.of(1, -127, 127, 0), new Int8Array()],
  },
}

const empty: Exported = {
  ...sample,
  records: { segments: [], embeddings: new Float32Array(), latents: new Uint16Array(), tokens: [] },
}

/** What a model without late interaction read. */
const tokenless: Exported = {
  ...sample,
  widths: { ...sample.widths, token: 0 },
  records: { ...sample.records, tokens: sample.records.tokens.map(() => new Int8Array()) },
}

test('a part may be blank, as it once could be made, and nothing else', () => {
  const blank = { id: 'b~1', text: '\n', part: { of: 'b', index: 0, count: 2 } }
  expect(checkSegments([blank], 1)).toEqual([blank])
  expect(() => checkSegments([{ id: 'b', text: '\n' }], 1)).toThrow(CorruptDataError)
})

describe.each([true, false])('compressed: %s', (compress) => {
  test.each([
    ['with segments', sample],
    ['empty', empty],
    ['without tokens', tokenless],
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

/** A file with header and body changed and its checksum made right again, as another program might write it. */
async function forge(
  change: (header: Record<string, any>) => void,
  rewrite = (body: Uint8Array<ArrayBuffer>) => body,
  exported = sample,
): Promise<Blob> {
  const bytes = new Uint8Array(await (await encodeFile(exported, false, quiet)).arrayBuffer())
  const end = 12 + new DataView(bytes.buffer).getUint32(8, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, end)))
  change(header)
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = new Uint8Array(Uint32Array.of(json.length).buffer)
  const content = new Blob([bytes.subarray(0, 8), length, json, rewrite(bytes.slice(end, -32))])
  const hash = await crypto.subtle.digest('SHA-256', await content.arrayBuffer())
  return new Blob([content, hash])
}

test.each<[string, (header: Record<string, any>) => void]>([
  ['steps', (header) => (header.step = 3)],
  ['widths', (header) => (header.widths.embedding = 4)],
  ['widths of tokens', (header) => (header.widths.token = 3)],
  ['tokens of no width', (header) => (header.widths.token = 0)],
  ['tokens of no known width', (header) => delete header.widths.token],
  ['sizes', (header) => (header.bytes.latents += 2)],
  ['sizes of tokens', (header) => (header.bytes.tokens -= 2)],
  ['sizes of no tokens', (header) => delete header.bytes.tokens],
  ['sizes that only add up', (header) => ((header.bytes.tokens -= 2), (header.bytes.segments += 2))],
])('%s that do not fit the body are refused', async (_, change) => {
  await expect(decodeFile(await forge(change), quiet)).rejects.toThrow(CorruptDataError)
})

test.each([
  ['that are no whole tokens', [3, 1], /3 bytes of tokens of segment 0 are not vectors of 2/],
  ['that claim more than there is', [4, 2], /its tokens have 4 bytes, not 6/],
  ['that claim all there could be', [4, 2 ** 32 - 2], /its tokens have 4 bytes, not 4294967298/],
  ['that leave some', [2, 0], /its tokens have 4 bytes, not 2/],
])('lengths of tokens %s are refused', async (_, lengths, reason) => {
  const rewrite = (body: Uint8Array<ArrayBuffer>) => {
    body.set(new Uint8Array(Uint32Array.from(lengths).buffer), body.length - 12)
    return body
  }
  await expect(decodeFile(await forge(() => {}, rewrite), quiet)).rejects.toThrow(reason)
})

test('a file of format 1, which ends with the latents, is read, and has no tokens', async () => {
  const older = (header: Record<string, any>) => {
    header.format = 1
    delete header.widths.token
    delete header.bytes.tokens
  }
  const file = await forge(older, (body) => body.slice(0, -8), tokenless)
  expect(await decodeFile(file, quiet)).toEqual(tokenless)
})

test('a newer format is refused by name', async () => {
  const file = await forge((header) => (header.format = 3))
  await expect(decodeFile(file, quiet)).rejects.toThrow(new NewerFormatError('the exported file', 3, 2))
})

test('packing is reported up to its end, and an abort stops it', async () => {
  const large: Exported = {
    ...sample,
    widths: { embedding: 1_000_000, latent: 0, token: 2 },
    records: {
      segments: sample.records.segments,
      embeddings: new Float32Array(2_000_000),
      latents: new Uint16Array(),
      tokens: sample.records.tokens,
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
