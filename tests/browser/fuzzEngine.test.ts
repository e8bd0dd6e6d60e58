/** Whatever the public API is given, it does it or refuses it by name, as a whole; and the worker lives on. */

import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { EvoEmbedError, type Conversation } from '../../src'
import {
  hostileKey,
  hostileSegment,
  hostileText,
  hostileValue,
  inputs,
  seed,
  unpolluted,
} from '../fuzz/hostile'
import { openEngine, turns } from './engines'

let given = 0
afterAll(() => console.log(`fuzz: ${given} calls of the public API, seed ${seed}`))

type Call = [what: string, run: (chat: Conversation) => Promise<unknown>]

const id = fc.oneof(
  fc.constantFrom('m0', 'm1', 'm2', 'x~1'),
  hostileText,
  hostileValue,
) as fc.Arbitrary<string>
const text = fc.oneof({ weight: 4, arbitrary: hostileText }, hostileValue) as fc.Arbitrary<string>
const at = fc.oneof(fc.nat(9), fc.date({ noInvalidDate: false }), hostileValue) as fc.Arbitrary<number>
const searchOptions = fc.record(
  {
    topK: fc.oneof(fc.nat(9), hostileValue),
    mode: fc.oneof(fc.constantFrom('evolved', 'static', 'hybrid'), hostileValue),
    rerank: fc.boolean(),
    at,
    since: at,
    roles: fc.oneof(fc.array(hostileText, { maxLength: 2 }), hostileValue),
    filter: fc.oneof(fc.dictionary(hostileKey, hostileValue, { maxKeys: 2 }), hostileValue),
    minScore: fc.oneof(fc.double({ min: 0, max: 1 }), hostileValue),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<object>

const calls: fc.Arbitrary<Call> = fc.oneof(
  fc
    .tuple(fc.array(hostileSegment, { maxLength: 3 }), fc.constantFrom('turn', 'pair'))
    .map(([segments, segmenter]): Call => [
      'append',
      (chat) => chat.append(segments, { segmenter: segmenter as 'turn' }),
    ]),
  fc.tuple(id, text).map(([id, text]): Call => ['replace', (chat) => chat.replace(id, text)]),
  fc.array(id, { maxLength: 2 }).map((ids): Call => ['forget', (chat) => chat.forget(ids)]),
  at.map((step): Call => ['rewind', (chat) => chat.rewind(step)]),
  fc
    .tuple(text, searchOptions)
    .map(([query, options]): Call => ['search', (chat) => chat.search(query, options)]),
  fc.tuple(text, at).map(([query, at]): Call => ['embedQuery', (chat) => chat.embedQuery(query, { at })]),
  fc
    .tuple(text, fc.array(id, { maxLength: 3 }))
    .map(([query, ids]): Call => ['rerank', (chat) => chat.rerank(query, ids)]),
  fc.tuple(at, at).map(([from, to]): Call => ['segments', (chat) => chat.segments({ from, to })]),
  fc.tuple(at, at).map(([from, to]): Call => ['embeddings', (chat) => chat.embeddings({ from, to })]),
)

/** All that is stored of a conversation. */
const stored = async (chat: Conversation) => ({
  info: await chat.info(),
  segments: await chat.segments(),
  embeddings: await chat.embeddings(),
})

test('calls of any kind with any arguments', { timeout: 3_600_000 }, async () => {
  const engine = await openEngine()
  const other = await openEngine()
  const otherChat = await other.conversation('chat')
  await otherChat.append(turns(3))
  const file = await otherChat.export()
  await fc.assert(
    fc.asyncProperty(fc.array(calls, { minLength: 5, maxLength: 10 }), hostileText, async (calls, suffix) => {
      const chat = await engine.import(file, { name: `chat ${given} ${suffix.slice(0, 100)}` })
      for (const [what, run] of calls) {
        given++
        const before = await stored(chat)
        try {
          await run(chat)
        } catch (error) {
          // The browser itself refuses what cannot be cloned, before anything is done.
          const named = error instanceof EvoEmbedError || (error as Error).name === 'DataCloneError'
          if (!named || (error as Error).name === 'WorkerLostError')
            throw new Error(`${what}: ${(error as Error).name}: ${(error as Error).stack}`)
          expect(await stored(chat)).toEqual(before)
        }
      }
      const { segments, embeddings, info } = await stored(chat)
      expect(embeddings).toHaveLength(segments.length)
      expect(info.step).toBe(segments.length)
      expect(embeddings.every((row) => row.every(Number.isFinite))).toBe(true)
      for (const hit of await chat.search('canoe')) expect(hit.score).toBeGreaterThanOrEqual(0)
      // What is stored can be taken elsewhere, and is the same there.
      if (segments.length) {
        const copy = await engine.import(await chat.export(), { name: 'copy' })
        expect(await copy.segments()).toEqual(segments)
        expect(await copy.embeddings()).toEqual(embeddings)
        await copy.delete()
      }
      await chat.delete()
      expect(unpolluted()).toBe(true)
    }),
    { numRuns: inputs(15, 0.005), seed, endOnFailure: true },
  )
})

test('a text of 1 MB of any kind is read in parts, or as the one unknown word that it is', async () => {
  const engine = await openEngine()
  const chat = await engine.conversation('long')
  const kinds = ['the canoe is here. ', '漢字', '👩‍👩‍👧', '\ud800', '\0', 'مرحبا ', 'x']
  const size = import.meta.env.VITE_FUZZ_INPUTS ? 2 ** 20 : 2 ** 14
  for (const [i, unit] of kinds.entries()) {
    const text = unit.repeat(size / unit.length)
    const { step } = await chat.append({ id: `${i}`, text })
    const parts = await chat.segments({ from: step - 1 })
    expect(parts[0].part?.of ?? parts[0].id).toBe(`${i}`)
    expect((await chat.append({ id: `${i}`, text })).added).toBe(0)
    await chat.rewind(0)
  }
})
