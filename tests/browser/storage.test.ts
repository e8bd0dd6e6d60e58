/** Storage that is blocked, damaged, of a newer version or of another model: said by name, and repaired. */

import { promisifyRequest } from 'idb-keyval'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src'
import { headSum } from '../../src/database'
import { openEngine, portrait, turns } from './engines'

/** Has 'chat' (300 segments) and 'other' (5), undamaged. */
let engine: Engine
/** For what is compared with. */
let elsewhere: Engine
const database = crypto.randomUUID()
let before: Record<'chat' | 'other', Awaited<ReturnType<typeof portrait>>>

beforeAll(async () => {
  engine = await openEngine({ database })
  elsewhere = await openEngine()
  const chat = await engine.conversation('chat')
  await chat.append(turns(300))
  const other = await engine.conversation('other')
  await other.append(turns(5))
  before = { chat: await portrait(chat), other: await portrait(other) }
})

/** Changes the stored value of each key in place; undefined deletes it. */
async function damage(database: string, ...changes: [IDBValidKey, (value: any) => unknown][]): Promise<void> {
  const opened = await promisifyRequest(indexedDB.open(database))
  const transaction = opened.transaction('records', 'readwrite')
  const records = transaction.objectStore('records')
  for (const [key, change] of changes) {
    const changed = change(await promisifyRequest(records.get(key)))
    if (changed === undefined) records.delete(key)
    else records.put(changed, key)
  }
  await promisifyRequest(transaction)
  opened.close()
}

const flipBit =
  (byte: number) =>
  ({ rows, sums }: { rows: Float32Array; sums: Uint32Array }) => {
    new Uint8Array(rows.buffer)[byte] ^= 1
    return { rows, sums }
  }

const cutShort = ({ rows, sums }: { rows: Float32Array; sums: Uint32Array }) => ({
  rows: rows.slice(0, rows.length >> 1),
  sums,
})

test('use and persistence are told, and persistence is asked for', async () => {
  const { usageBytes, quotaBytes, persisted } = await engine.storage()
  expect(usageBytes).toBeGreaterThan(0)
  expect(quotaBytes).toBeGreaterThan(usageBytes)
  expect(persisted).toBe(false)
  expect(await engine.persist()).toBe((await engine.storage()).persisted)
})

test('an older version that another tab will not close is said by name, and opened once it is closed', async () => {
  const database = crypto.randomUUID()
  const request = indexedDB.open(database, 1)
  request.onupgradeneeded = () => request.result.createObjectStore('records')
  const tab = await promisifyRequest(request)
  await expect(openEngine({ database })).rejects.toMatchObject({
    name: 'StorageUnavailableError',
    reason: expect.stringContaining('another tab'),
  })
  tab.close()
  expect(await (await openEngine({ database })).conversations()).toEqual([])
})

test('a newer version takes the database over: the older engine closes, and says why it cannot go on', async () => {
  const database = crypto.randomUUID()
  const own = await openEngine({ database })
  const chat = await own.conversation('chat')
  await chat.append(turns(2))
  const newer = await promisifyRequest(indexedDB.open(database, 9))
  await expect(chat.append(turns(3, 2))).rejects.toMatchObject({ name: 'NewerFormatError', format: 9 })
  newer.close()
})

/** An engine that comes upon a copy of the conversations, damaged. */
async function damaged(...changes: Parameters<typeof damage>[1][]) {
  const copy = crypto.randomUUID()
  const reading = await promisifyRequest(indexedDB.open(database))
  const written = reading.transaction('records').objectStore('records')
  const [keys, values] = await Promise.all([
    promisifyRequest(written.getAllKeys()),
    promisifyRequest(written.getAll()),
  ])
  reading.close()
  const owner = await openEngine({ database: copy })
  await damage(
    copy,
    ...keys.map((key, i): [IDBValidKey, () => unknown] => [key, () => values[i]]),
    ...changes,
  )
  return { engine: owner, database: copy }
}

type Damage = [string, Parameters<typeof damage>[1][], step: number, dropped: number[], reread: number]

describe.each<Damage>([
  ['a flipped bit of an embedding', [[['chat', 'embeddings', 1], flipBit(4001)]], 76, [], 224],
  ['a flipped bit of a latent', [[['chat', 'latents', 3], flipBit(0)]], 192, [], 108],
  [
    'a flipped bit of a token',
    [
      [
        ['chat', 'tokens', 2],
        ({ rows, sums }) => {
          rows[10][3] ^= 1
          return { rows, sums }
        },
      ],
    ],
    138,
    [],
    162,
  ],
  ['tokens gone', [[['chat', 'tokens', 4], () => undefined]], 256, [], 44],
  ['embeddings cut short', [[['chat', 'embeddings', 2], cutShort]], 160, [], 140],
  ['latents gone', [[['chat', 'latents', 4], () => undefined]], 256, [], 44],
  [
    'a changed text',
    [
      [
        ['chat', 'segments', 1],
        ({ rows, sums }) => ({ rows: rows.with(6, { ...rows[6], text: 'I never said so' }), sums }),
      ],
    ],
    70,
    [70],
    229,
  ],
  [
    'texts gone',
    [[['chat', 'segments', 2], () => undefined]],
    128,
    Array.from({ length: 64 }, (_, i) => 128 + i),
    108,
  ],
  [
    'texts and vectors, here and there',
    [
      [['chat', 'segments', 3], cutShort],
      [['chat', 'embeddings', 0], flipBit(700)],
    ],
    2,
    Array.from({ length: 32 }, (_, i) => 224 + i),
    266,
  ],
  ['a wrong count in the head', [[['', 'chat'], (head) => ({ ...head, step: 2 })]], 0, [], 300],
  ['a damaged format in the head', [[['', 'chat'], (head) => ({ ...head, format: 99 })]], 0, [], 300],
  ['a head that is none', [[['', 'chat'], () => 'head']], 0, [], 300],
  ['a head that is gone', [[['', 'chat'], () => undefined]], 0, [], 300],
])('%s', (_, changes, step, dropped, reread) => {
  test('is said by name, harms no other conversation, and is repaired', async () => {
    const { engine: own } = await damaged(...changes)
    const headLost = changes[0][0].toString() === ',chat'
    const gone = headLost && changes[0][1]({}) === undefined
    const error = { name: 'CorruptDataError', what: 'conversation chat', step }
    if (gone) expect(await (await own.conversation('chat')).segments()).toEqual([])
    else {
      await expect(own.conversation('chat')).rejects.toMatchObject(error)
      await expect(own.search('canoe', { conversations: ['chat'] })).rejects.toMatchObject(error)
      await expect(own.export('chat')).rejects.toMatchObject(error)
    }

    const listed = await own.conversations()
    expect(listed.map(({ name }) => name)).toEqual(gone ? ['other'] : ['chat', 'other'])
    if (headLost && !gone) expect(listed[0]).toMatchObject({ unreadable: { name: 'CorruptDataError' } })
    else expect(listed[0].unreadable).toBeUndefined()
    const skipped: unknown[] = []
    const hits = await own.search('Where is the canoe now?', {
      topK: 100,
      onSkip: (one) => skipped.push(one),
    })
    expect(hits).toEqual(before.other.hits)
    expect(skipped).toMatchObject(gone ? [] : [{ conversation: 'chat', error }])
    if (!headLost) {
      const readable = await own.segments('chat', { to: step })
      expect(readable).toEqual(before.chat.segments.slice(0, step))
    }

    const phases = new Set<string>()
    const report = await own.repair('chat', { onProgress: ({ phase }) => phases.add(phase) })
    expect(report).toEqual({ dropped, reread, headRebuilt: headLost, step: 300 - dropped.length })
    expect([...phases]).toEqual(['repair'])
    expect(await own.repair('chat')).toEqual({
      dropped: [],
      reread: 0,
      headRebuilt: false,
      step: report.step,
    })

    const chat = await own.conversation('chat')
    const never = await elsewhere.conversation(crypto.randomUUID())
    await never.append(turns(300).slice(0, step))
    if (step < 300)
      await never.append(
        turns(300)
          .slice(step)
          .filter((_, i) => !dropped.includes(step + i)),
      )
    const [repaired, expected] = [await portrait(chat), await portrait(never)]
    expect(repaired.segments).toEqual(expected.segments)
    repaired.embeddings.forEach((row, i) =>
      row.forEach((value, j) => expect(Math.abs(value - expected.embeddings[i][j])).toBeLessThan(1e-3)),
    )
    await chat.append(turns(3, 300))
    expect(await portrait(await own.conversation('other'))).toEqual(before.other)
  })
})

test('a repair that is aborted, or has no room, changes nothing', async () => {
  const { engine } = await damaged([['chat', 'embeddings', 0], flipBit(0)])
  const abort = new AbortController()
  const stopped = engine.repair('chat', { signal: abort.signal, onProgress: () => abort.abort() })
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
  await expect(engine.conversation('chat')).rejects.toMatchObject({ name: 'CorruptDataError', step: 0 })
  expect(await engine.repair('chat')).toMatchObject({ dropped: [], reread: 300 })
  await expect(engine.repair('nowhere')).rejects.toMatchObject({ name: 'ConversationNotFoundError' })
})

/** The head as another version, or with another model, would have written it: with the checksum of that. */
const rewritten = (changes: { format: number } | { space: string }) => (head: object) => {
  const other = { ...head, ...changes }
  return { ...other, sum: headSum(other) }
}

test('a newer conversation is left as it is, and hides no other', async () => {
  const { engine } = await damaged([['', 'chat'], rewritten({ format: 9 })])
  const error = { name: 'NewerFormatError', what: 'conversation chat', format: 9 }
  await expect(engine.conversation('chat')).rejects.toMatchObject(error)
  await expect(engine.repair('chat')).rejects.toMatchObject(error)
  await expect(engine.deleteConversation('chat')).rejects.toMatchObject(error)
  expect(await engine.conversations()).toMatchObject([
    { name: 'chat', unreadable: { name: 'NewerFormatError' } },
    { name: 'other', step: 5 },
  ])
  expect(await engine.search('Where is the canoe now?', { topK: 100 })).toEqual(before.other.hits)
})

test("another model's conversation is repaired only by reading it all again", async () => {
  const { engine: own, database } = await damaged([['chat', 'embeddings', 0], flipBit(0)])
  const theirs = 'e'.repeat(64)
  await damage(database, [['', 'chat'], rewritten({ space: theirs })])
  await expect(own.repair('chat')).rejects.toMatchObject({ name: 'SpaceMismatchError', space: theirs })
  expect(await own.search('Where is the canoe now?', { topK: 100 })).toEqual(before.other.hits)
  expect(await own.repair('chat', { onModelChange: 'reread' })).toMatchObject({ dropped: [], reread: 300 })
  const chat = await own.conversation('chat')
  expect(await chat.info()).toMatchObject({ space: engine.info.space, step: 300 })
  expect((await portrait(chat)).hits).toEqual(before.chat.hits)
})

test('a damaged conversation can be deleted', async () => {
  const { engine } = await damaged([['', 'chat'], () => 'head'])
  await engine.deleteConversation('chat')
  expect((await engine.conversations()).map(({ name }) => name)).toEqual(['other'])
  await expect(engine.repair('chat')).rejects.toMatchObject({ name: 'ConversationNotFoundError' })
})
