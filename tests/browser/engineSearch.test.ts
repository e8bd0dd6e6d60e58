import { beforeAll, describe, expect, test } from 'vitest'
import type { Conversation, Engine, SkippedConversation } from '../../src'
import { Memory } from '../../src/memory'
import { loadModel } from '../../src/model'
import { rely } from '../../src/reliance'
import { drafts } from '../../src/segmenter'
import { Template } from '../../src/template'
import { openEngine, portrait, tinyModel, turns } from './engines'
import { empty } from './tinyModel'

let engine: Engine
let chat: Conversation
beforeAll(async () => {
  engine = await openEngine()
  chat = await engine.conversation('chat')
  await chat.append(turns(60))
})

const steps = (hits: { step: number }[]) => hits.map(({ step }) => step)

test.each(['evolved', 'static', 'hybrid'] as const)(
  '%s: the score falls, and minScore cuts',
  async (mode) => {
    const hits = await chat.search('the canoe', { mode, topK: 60 })
    expect(hits).toHaveLength(60)
    for (const [i, { score }] of hits.entries()) {
      expect(score).toBeGreaterThan(0)
      expect(score).toBeLessThan(1)
      if (i) expect(score).toBeLessThanOrEqual(hits[i - 1].score)
    }
    const above = await chat.search('the canoe', { mode, topK: 60, minScore: hits[20].score })
    expect(above).toEqual(hits.filter(({ score }) => score >= hits[20].score))
    expect(await chat.search('the canoe', { mode, minScore: 1 })).toEqual([])
    expect(await chat.search('the canoe', { mode })).toEqual(hits.slice(0, 10))
  },
)

test('scores are the dot products of the vectors that are given out', async () => {
  const query = await chat.embedQuery('Where is the canoe now?')
  const rows = await chat.embeddings()
  const dot = (row: Float32Array, width: number) =>
    row.subarray(0, width).reduce((sum, x, i) => sum + x * query[i], 0)
  const evolved = await chat.search('Where is the canoe now?', { mode: 'evolved', topK: 60 })
  for (const hit of evolved) {
    expect(hit.evolvedScore).toBeCloseTo(dot(rows[hit.step], 78), 4)
    expect(hit.staticScore).toBeCloseTo(dot(rows[hit.step], 36), 4)
  }
  const stat = await chat.search('Where is the canoe now?', { mode: 'static', topK: 60 })
  const staticScores = stat.map(({ staticScore }) => staticScore)
  expect(staticScores).toEqual([...staticScores].sort((a, b) => b - a))
})

test('evolved: the best 48 are ordered by z(score) + late.weight · (1 - late.yields · reliance) · z(late)', async () => {
  const query = 'Where is the canoe now?'
  const { manifest, tokenizer, backend } = await loadModel(tinyModel, { device: 'wasm' })
  const { t, rerank, late } = manifest
  const template = new Template(manifest.template)
  const memory = await Memory.open(backend, empty)
  const texts = drafts(turns(60)).map((draft) => tokenizer.encode(template.segment(draft)))
  const { tokens } = await memory.append(texts)
  const asked = await memory.embedQueries([tokenizer.encode(template.query(query))])
  const { reliance } = rely(asked.vectors, manifest)
  await backend.close()

  const [{ vectors, weights, decays }] = asked.late
  const likeness = (token: number, codes: ArrayLike<number>) => {
    let sum = 0
    for (let k = 0; k < t; k++) sum += (vectors[token * t + k] * codes[k]) / 127
    return sum
  }
  const near = (token: number, step: number) => {
    const from = Array.from({ length: tokens[step].length / t }, (_, j) => j * t)
    return Math.max(...from.map((at) => likeness(token, tokens[step].subarray(at, at + t))))
  }
  const lateScore = (step: number) =>
    weights.reduce((sum, weight, token) => {
      const ages = Array.from({ length: Math.min(late.reach, step) + 1 }, (_, age) => age)
      return sum + weight * Math.max(...ages.map((age) => decays[token] ** age * near(token, step - age)))
    }, 0)
  const z = (values: number[]) => {
    const mean = values.reduce((a, b) => a + b) / values.length
    const deviation = Math.hypot(...values.map((x) => x - mean)) / Math.sqrt(values.length)
    return values.map((x) => (x - mean) / deviation)
  }

  const hits = await chat.search(query, { mode: 'evolved', topK: 60 })
  const best = [...hits].sort((a, b) => b.evolvedScore - a.evolvedScore)
  const top = best.slice(0, rerank.candidates)
  const byVectors = z(top.map(({ evolvedScore }) => evolvedScore))
  const byTokens = z(top.map(({ step }) => lateScore(step)))
  const mixed = byVectors.map((score, i) => score + late.weight * (1 - late.yields * reliance) * byTokens[i])
  const places = [...top.keys()].sort((a, b) => mixed[b] - mixed[a])
  expect(steps(hits)).toEqual([...places.map((i) => top[i].step), ...steps(best.slice(rerank.candidates))])
  expect(steps(hits)).not.toEqual(steps(best))
})

test('hybrid lifts the segments that have the word', async () => {
  const words = ['zebras', 'quasars', 'ukuleles', 'marzipan']
  for (const word of words) await chat.append({ id: word, text: `What of the naïve ${word} over there?` })
  const placesBy = async (options: { mode?: 'evolved'; rerank?: false }) => {
    let sum = 0
    for (const word of words) {
      const hits = await chat.search(word, { ...options, topK: 64 })
      sum += hits.findIndex(({ id }) => id === word)
    }
    return sum
  }
  const [hybrid, evolved] = [await placesBy({ rerank: false }), await placesBy({ mode: 'evolved' })]
  for (const word of words) await chat.forget(word)
  expect(hybrid).toBeLessThan(evolved)
})

test('reranking reorders the top 48 and no others', async () => {
  const before = await chat.search('the canoe', { rerank: false, topK: 60 })
  const after = await chat.search('the canoe', { topK: 60 })
  expect(steps(after)).not.toEqual(steps(before))
  expect(steps(after.slice(48))).toEqual(steps(before.slice(48)))
  expect(steps(after).sort()).toEqual(steps(before).sort())
  expect(after.map(({ score }) => score)).toEqual(before.map(({ score }) => score))

  const ids = ['m3', 'm40', 'm17']
  const reranked = await chat.rerank('the canoe', ids)
  expect(reranked.map(({ id }) => id).sort()).toEqual([...ids].sort())
  expect(await chat.rerank('the canoe', [])).toEqual([])
  await expect(chat.rerank('the canoe', ['m3', 'gone'])).rejects.toMatchObject({
    name: 'SegmentNotFoundError',
    id: 'gone',
  })
})

test('filters: role, time, metadata, all at once', async () => {
  const hits = await chat.search('the canoe', {
    topK: 60,
    roles: ['Ana'],
    since: new Date(Date.UTC(2024, 0, 21)),
    filter: { third: true, number: [3, 9, 21, 27, 33, 24] },
  })
  expect(steps(hits).sort()).toEqual([21, 27, 33])
  expect(hits[0]).toMatchObject({ role: 'Ana', conversation: 'chat', metadata: { third: true } })
})

describe('over all conversations', () => {
  test('one list, in which each conversation stands as it does alone', async () => {
    const other = await engine.conversation('other')
    await other.append(turns(20, 100))
    const options = { mode: 'static', topK: 100 } as const
    const all = await engine.search('the canoe', options)
    expect(all).toHaveLength(80)
    for (const one of [chat, other])
      expect(all.filter(({ conversation }) => conversation === one.name)).toEqual(
        await one.search('the canoe', options),
      )
    const scores = all.map(({ score }) => score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
  })

  test('evolved: the same hits as alone, the best of all conversations reordered together', async () => {
    const options = { mode: 'evolved', topK: 100 } as const
    const all = await engine.search('the canoe', options)
    const vectorsOf = (hits: typeof all) => hits.map(({ id, evolvedScore }) => `${id} ${evolvedScore}`).sort()
    for (const name of ['chat', 'other']) {
      const alone = await engine.search('the canoe', { ...options, conversations: [name] })
      expect(vectorsOf(all.filter(({ conversation }) => conversation === name))).toEqual(vectorsOf(alone))
    }
    const ranked = all.slice(48).map(({ evolvedScore }) => evolvedScore)
    expect(ranked).toEqual([...ranked].sort((a, b) => b - a))
  })

  test('hybrid and reranked; those named only; as of a time', async () => {
    const all = await engine.search('the canoe', { topK: 100 })
    expect(new Set(all.map(({ conversation }) => conversation))).toEqual(new Set(['chat', 'other']))
    expect(await engine.search('the canoe', { topK: 100, conversations: ['chat'] })).toEqual(
      await chat.search('the canoe', { topK: 100 }),
    )
    const early = await engine.search('the canoe', { topK: 100, at: new Date(Date.UTC(2024, 0, 10)) })
    expect(early.map(({ id }) => id).sort()).toEqual(
      turns(10)
        .map(({ id }) => id)
        .sort(),
    )
    await expect(engine.search('the canoe', { conversations: ['chat', 'nowhere'] })).rejects.toMatchObject({
      name: 'ConversationNotFoundError',
      conversation: 'nowhere',
    })
  })
})

test('a search while a long append is under way sees what was committed, and waits for no more than a batch', async () => {
  const busy = await engine.conversation('busy')
  await busy.append(turns(10))
  const before = await busy.search('the canoe', { topK: 100 })
  const order: string[] = []
  let searching: Promise<void> | undefined
  await busy.append(turns(300, 10), {
    onProgress: () => {
      searching ??= busy.search('the canoe', { topK: 100 }).then((hits) => {
        order.push('searched')
        expect(hits).toEqual(before)
      })
    },
  })
  order.push('appended')
  await searching
  expect(order).toEqual(['searched', 'appended'])
})

test('more conversations than memories are kept: each still answers as it did', async () => {
  const engine = await openEngine()
  const chats: Conversation[] = []
  for (let i = 0; i < 12; i++) {
    const chat = await engine.conversation(`chat ${i}`)
    await chat.append(turns(3, i))
    chats.push(chat)
  }
  const answers = await Promise.all(chats.map((chat) => portrait(chat)))
  const all = await engine.search('Where is the canoe?', { topK: 36 })
  expect(new Set(all.map(({ conversation }) => conversation)).size).toBe(12)
  for (const [i, chat] of chats.entries()) expect(await portrait(chat)).toEqual(answers[i])
})

test('at a time, conversations without times are left out, and told of', async () => {
  const engine = await openEngine()
  await (await engine.conversation('timed')).append(turns(3))
  await (await engine.conversation('timeless')).append({ text: 'the canoe is in garage' })
  const skipped: SkippedConversation[] = []
  const at = new Date(Date.UTC(2024, 0, 2, 12))
  const hits = await engine.search('Where is the canoe?', { at, onSkip: (one) => skipped.push(one) })
  expect(hits.map(({ conversation }) => conversation)).toEqual(['timed', 'timed'])
  expect(skipped).toMatchObject([{ conversation: 'timeless', error: { argument: 'at' } }])
  const named = engine.search('Where is the canoe?', { at, conversations: ['timeless'] })
  await expect(named).rejects.toMatchObject({ argument: 'at' })
  const twice = await engine.search('Where is the canoe?', { conversations: ['timed', 'timed'] })
  expect(twice).toHaveLength(3)
})
