/** Whatever a parser is given, it reads it or refuses it by name, and touches nothing else. */

import { readFileSync } from 'node:fs'
import { gzipSync } from 'fflate'
import fc, { type Arbitrary } from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { ParseError, parseConversations } from '../../demo/parseChat'
import { checkRecord, parseRecords, RecordError } from '../../scripts/eval/record'
import {
  CorruptDataError,
  decodeError,
  encodeError,
  InvalidArgumentError,
  ModelCorruptError,
  NewerFormatError,
  SegmentTooLongError,
} from '../../src/errors'
import { decodeFile, encodeFile, type Exported } from '../../src/exportFile'
import { readGolden } from '../../src/golden'
import type { Task } from '../../src/host'
import { LexicalIndex, lexicalScores } from '../../src/lexical'
import { parseManifest } from '../../src/manifest'
import { parseSafetensors, toFloat32 } from '../../src/safetensors'
import { drafts, originals, pairs, split } from '../../src/segmenter'
import { Template } from '../../src/template'
import { Tokenizer } from '../../src/tokenizer'
import {
  changed,
  damaged,
  hostileSegment,
  hostileText,
  hostileValue,
  inputs,
  json,
  seed,
  unpolluted,
} from '../fuzz/hostile'

const file = (name: string) =>
  Uint8Array.from(readFileSync(new URL(`../fixtures/tiny-model/${name}`, import.meta.url)))
const parsed = (name: string) => JSON.parse(new TextDecoder().decode(file(name)))
const encoded = (text: string) => new TextEncoder().encode(text)

const manifest = parseManifest(new TextDecoder().decode(file('evo.json')))
const template = new Template(manifest.template)
const tokenizer = new Tokenizer(file('tokenizer.json'), file('tokenizer_config.json'))
const task: Task = { signal: new AbortController().signal, progress: () => {} }
/** The same without a signal, which costs a turn of the event loop a piece. */
const hasty = { ...task, signal: undefined } as unknown as Task

let given = 0

/** `share` of all inputs in a long run, `short` of them in a short one, each put through `work`. */
async function fuzz<T>(
  arbitrary: Arbitrary<T>,
  share: number,
  short: number,
  work: (input: T) => unknown,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (input) => {
      given++
      await work(input)
      if (!unpolluted()) throw new Error('Object.prototype was changed')
    }),
    { numRuns: inputs(short, share), seed, endOnFailure: !!import.meta.env.VITE_FUZZ_INPUTS },
  )
}
afterAll(() => console.log(`fuzz: ${given} inputs to parsers, seed ${seed}`))

/** Runs what may refuse its input, but only by an error of these classes. Undefined where it did. */
async function orRefused<T>(
  classes: (abstract new (...args: any) => Error)[],
  work: () => T,
): Promise<Awaited<T> | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!classes.some((expected) => error instanceof expected)) throw error
    expect((error as Error).message.length).toBeLessThan(2000)
    return undefined
  }
}

describe('a model folder', { timeout: 3_600_000 }, () => {
  test('evo.json', () =>
    fuzz(fc.oneof(changed(parsed('evo.json')).map(json), hostileText), 0.15, 300, async (text) => {
      const read = await orRefused([ModelCorruptError, NewerFormatError], () => parseManifest(text))
      if (!read) return
      for (const path of Object.keys(read.files))
        expect(new URL(path, 'http://a/b/').href).toMatch(/^http:\/\/a\/b\//)
      for (const size of [read.d, read.K, read.C, read.m, read.maxTokens]) expect(size).toBeGreaterThan(0)
    }))

  const golden = file('golden.wasm.safetensors')
  const start = 8 + Number(new DataView(golden.buffer).getBigUint64(0, true))
  const codes = {
    'x.scales': { dtype: 'F16', shape: [4, 1], data_offsets: [0, 8] },
    x: { dtype: 'I8', shape: [4, 9], data_offsets: [8, 44] },
  }
  test.each([
    ['golden.wasm.safetensors', JSON.parse(new TextDecoder().decode(golden.subarray(8, start)))],
    ['codes and their scales', codes],
  ])('%s', (_, header) => {
    const written = (header: unknown) => {
      const bytes = encoded(json(header))
      const length = new Uint8Array(new BigUint64Array([BigInt(bytes.length)]).buffer)
      return Uint8Array.from([...length, ...bytes, ...golden.subarray(start, start + 400)])
    }
    return fuzz(
      fc.oneof(changed(header).map(written), damaged(written(header))),
      0.15,
      300,
      async (bytes) => {
        const tensors = await orRefused([ModelCorruptError], () => parseSafetensors('x', bytes))
        for (const tensor of tensors?.values() ?? []) toFloat32(tensor)
        await orRefused([ModelCorruptError], () =>
          readGolden(manifest, 'wasm', tokenizer, new Map([['golden.wasm.safetensors', bytes]])),
        )
      },
    )
  })

  test('tokenizer.json', () => {
    const small = { ...parsed('tokenizer.json') }
    const vocabulary = Object.entries(small.model.vocab).slice(0, 40)
    small.model = { ...small.model, vocab: Object.fromEntries(vocabulary) }
    const config = file('tokenizer_config.json')
    return fuzz(changed(small).map(json), 0.02, 100, (text) =>
      orRefused([ModelCorruptError], () => new Tokenizer(encoded(text), config).encode('Où est la canoe?')),
    )
  })
})

const widths = { embedding: 3, latent: 4, token: 2 }
const whole: Exported = {
  name: 'chat',
  space: 'f'.repeat(64),
  widths,
  records: {
    segments: [
      { id: 'a', text: 'Où?', role: 'Bob', time: 5, metadata: { n: 1, ok: true, none: null } },
      { id: 'b~1', text: 'Here. ', part: { of: 'b', index: 0, count: 2 } },
      { id: 'b~2', text: 'There.', part: { of: 'b', index: 1, count: 2 } },
    ],
    embeddings: Float32Array.of(1, 2, 3, -0.5, 1e-9, 65504, 0, 0, 0),
    latents: Uint16Array.of(0, 1, 2, 31743, 5, 6, 7, 8, 9, 10, 11, 12),
    tokens: [Int8Array.of(1, -127), new Int8Array(), Int8Array.of(0, 1, 2, 3)],
  },
}

describe('an import file', { timeout: 3_600_000 }, () => {
  /** The file as another program might write it: its parts changed, its checksum right. */
  async function forged(header: unknown, body: Uint8Array): Promise<Blob> {
    const bytes = encoded(json(header))
    const length = new Uint8Array(Uint32Array.of(bytes.length).buffer)
    const content = new Blob([encoded('evoembed'), length, bytes, Uint8Array.from(body)])
    return new Blob([content, await crypto.subtle.digest('SHA-256', await content.arrayBuffer())])
  }
  const segments = JSON.stringify(whole.records.segments)
  const vectors = Uint8Array.from([
    ...new Uint8Array(whole.records.embeddings.buffer),
    ...new Uint8Array(whole.records.latents.buffer),
    ...new Uint8Array(Uint32Array.of(2, 0, 4).buffer),
    ...whole.records.tokens.flatMap((codes) => [...codes]),
  ])
  const right = {
    format: 2,
    name: whole.name,
    space: whole.space,
    step: 3,
    widths,
    compressed: false,
    bytes: { segments: encoded(segments).length, embeddings: 36, latents: 24, tokens: 6 },
  }

  test('forged, with a checksum that is right', () => {
    const forgery = fc.record({
      header: fc.oneof(changed(right), fc.constant(right)).map((header) => header as typeof right),
      segments: fc.oneof(changed(whole.records.segments).map(json), fc.constant(segments), hostileText),
      // Sizes in the header that fit what is there, so that what is behind them is looked at too.
      fit: fc.boolean(),
      packed: fc.constantFrom('plain', 'packed', 'badly'),
      vectors: fc.oneof(fc.constant(vectors), damaged(vectors)),
    })
    return fuzz(forgery, 0.15, 200, async ({ header, segments, vectors, fit, packed }) => {
      const text = encoded(segments)
      const fitted = {
        ...header,
        compressed: packed !== 'plain',
        bytes: { ...right.bytes, segments: text.length },
      }
      const plain = Uint8Array.from([...text, ...vectors])
      const body = packed === 'plain' ? plain : gzipSync(plain)
      if (packed === 'badly') body[body.length >> 1] ^= 0x55
      const read = await orRefused([CorruptDataError, NewerFormatError], async () =>
        decodeFile(await forged(fit ? fitted : header, body), hasty),
      )
      if (!read) return
      expect(drafts(read.records.segments.map(({ part: _, ...draft }) => draft))).toHaveLength(3)
      originals(read.records.segments)
      expect(typeof read.name + typeof read.space).toBe('stringstring')
      expect(read.records.embeddings).toHaveLength(3 * read.widths.embedding)
      expect(read.records.tokens).toHaveLength(3)
      for (const codes of read.records.tokens) expect(codes.length % (read.widths.token || 1)).toBe(0)
    })
  })

  test('a claim that cannot be true is refused before anything is unpacked', async () => {
    const bomb = gzipSync(new Uint8Array(4e6))
    const claims = { segments: 4e6, embeddings: 0, latents: 0, tokens: 0 }
    const none = { ...right, step: 0, compressed: true }
    for (const [size, reason] of [
      [2 ** 40, /claims 1099511627776 bytes, at most/],
      [1e6, /unpacks to more than 1000000 bytes/],
      [4e6, /not valid JSON|Unexpected token/],
    ] as const)
      await expect(
        decodeFile(await forged({ ...none, bytes: { ...claims, segments: size } }, bomb), task),
      ).rejects.toThrow(reason)
  })

  test('damaged', async () => {
    const bytes = new Uint8Array(await (await encodeFile(whole, true, task)).arrayBuffer())
    await fuzz(damaged(bytes), 0.05, 200, async (bytes) => {
      const read = await orRefused([CorruptDataError], () => decodeFile(new Blob([bytes]), hasty))
      if (read) expect(read).toEqual(whole)
    })
  })
})

describe('evaluation records and pasted chats', { timeout: 3_600_000 }, () => {
  const record = { id: 'r', segments: ['a', 'b'], queries: [{ text: 'q', evidence: [0], among: [0, 1] }] }

  test('JSON lines', () => {
    const line = fc.oneof(changed(record).map(json), hostileText, fc.constant(json(record)))
    return fuzz(fc.array(line, { maxLength: 3 }), 0.1, 300, (lines) => {
      const { records, errors } = parseRecords('x.jsonl', lines.join('\n'))
      for (const record of records) expect(checkRecord(record)).toEqual(record)
      for (const error of errors) expect(error).toBeInstanceOf(RecordError)
    })
  })

  test('the text of a chat', () => {
    const stamp = fc.constantFrom(
      '',
      '[31/12/2024, 09:15:30] ',
      '12/31/24, 9:15 PM - ',
      '[',
      '9:99 ',
      '0/0/0 ',
    )
    const said = fc.tuple(stamp, hostileText, fc.constantFrom(': ', ':', ' - '), hostileText)
    const lines = fc
      .array(
        said.map((parts) => parts.join('')),
        { maxLength: 6 },
      )
      .map((all) => all.join('\n'))
    const text = fc.oneof(
      lines,
      changed([record]).map(json),
      fc.array(hostileSegment, { maxLength: 3 }).map(json),
    )
    return fuzz(text, 0.1, 300, async (text) => {
      for (const { segments } of (await orRefused([ParseError], () => parseConversations(text))) ?? []) {
        const named = segments.map((segment, i) => ({ ...segment, id: `${i}` }))
        expect(drafts(named)).toHaveLength(segments.length)
      }
    })
  })
})

describe('what a caller gives', { timeout: 3_600_000 }, () => {
  const reading = {
    maxTokens: manifest.maxTokens,
    encode: (draft: Parameters<Template['segment']>[0]) => tokenizer.encode(template.segment(draft)),
  }

  test('segments', () =>
    fuzz(fc.array(hostileSegment, { maxLength: 3 }), 0.15, 300, async (given) => {
      const read = await orRefused([InvalidArgumentError], () => drafts(given))
      for (const draft of [...(read ?? []), ...pairs(read ?? [])]) {
        const parts = await orRefused([SegmentTooLongError], () => split(draft, reading))
        if (!parts) continue
        for (const part of parts) expect(reading.encode(part).length).toBeLessThanOrEqual(manifest.maxTokens)
        expect(originals(parts)).toEqual([draft])
        expect(JSON.parse(JSON.stringify(draft))).toEqual(draft)
      }
    }))

  test('texts to be tokenised and indexed', () =>
    fuzz(fc.array(hostileText, { minLength: 1, maxLength: 4 }), 0.1, 200, (texts) => {
      for (const text of texts) {
        const ids = tokenizer.encode(text)
        expect(ids.length).toBeGreaterThanOrEqual(2)
        expect(Math.min(...ids)).toBeGreaterThanOrEqual(0)
      }
      const [scores] = lexicalScores(texts[0], [{ lexical: new LexicalIndex(texts), count: texts.length }])
      expect(scores).toHaveLength(texts.length)
      expect(scores.every(Number.isFinite)).toBe(true)
    }))

  test('values that errors tell of', () =>
    fuzz(fc.tuple(hostileText, hostileValue), 0.03, 200, ([argument, value]) => {
      const error = new InvalidArgumentError(argument, value, 'something else')
      const crossed = decodeError(structuredClone(encodeError(error)))
      expect(crossed).toBeInstanceOf(InvalidArgumentError)
      expect(crossed.message).toBe(error.message)
    }))
})
