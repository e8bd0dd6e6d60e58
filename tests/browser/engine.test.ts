import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Conversation, Engine, Progress } from '../../src'
import { numbers, openEngine, portrait, storedRows, turns } from './engines'
import { difference } from './tinyModel'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine()
})

/** An engine with a database of its own, for the tests that need two. */
let second: Promise<Engine> | undefined
const another = () => (second ??= openEngine())

const fresh = () => engine.conversation(crypto.randomUUID())

/** A conversation of these turns, in one append. */
async function read(segments: ReturnType<typeof turns>): Promise<Conversation> {
  const chat = await fresh()
  await chat.append(segments)
  return chat
}

/**
 * The same memory, but for its name: ids, texts, hits, and the vectors within rounding. (A rounding may tip a latent to
 * the next f16; query vectors and scores, which are not normalised, carry that a little further.)
 */
async function expectSame(a: Conversation, b: Conversation) {
  const [first, second] = [await portrait(a), await portrait(b)]
  expect(second.segments).toEqual(first.segments)
  expect(second.hits.map(({ id }) => id)).toEqual(first.hits.map(({ id }) => id))
  const flat = ({ embeddings }: typeof first) => embeddings.flatMap((row) => [...row])
  expect(difference(flat(first), flat(second))).toBeLessThanOrEqual(1e-4)
  expect(difference(numbers(first), numbers(second))).toBeLessThanOrEqual(1e-3)
}

test('the engine says what it is', () => {
  expect(engine.info).toMatchObject({
    model: 'tiny-model 1.0.0',
    device: 'wasm',
    dimensions: 78,
    staticDimensions: 36,
    capacity: 5,
    maxTokens: 32,
  })
  expect(engine.info.deviceDescription).toMatch(/^WASM/)
})

describe('append', () => {
  test('in bulk, one by one, and as a stream give the same vectors and hits', async () => {
    const all = turns(18)
    const single = await fresh()
    for (const turn of all) await single.append(turn)
    const bulk = await fresh()
    expect(await bulk.append(all)).toEqual({ steps: all.map((_, i) => i), added: 18, step: 18 })
    await expectSame(single, bulk)

    const streamed = await fresh()
    const commits: number[] = []
    async function* stream() {
      yield* all
    }
    const result = await streamed.appendAll(stream(), {
      commitEvery: 7,
      onCommit: ({ step }) => commits.push(step),
    })
    expect(commits).toEqual([7, 14, 18])
    expect(result).toEqual({ steps: all.map((_, i) => i), added: 18, step: 18 })
    await expectSame(single, streamed)
  })

  test('an id that is there with the same text is a no-op, with another text an error and nothing is done', async () => {
    const chat = await read(turns(3))
    const before = await portrait(chat)
    expect(await chat.append(turns(3))).toEqual({ steps: [0, 1, 2], added: 0, step: 3 })
    expect((await chat.info()).epoch).toBe(1)
    const conflict = [...turns(2, 3), { id: 'm1', text: 'Something else.' }, ...turns(1, 5)]
    await expect(chat.append(conflict)).rejects.toMatchObject({
      name: 'IdConflictError',
      conversation: chat.name,
      id: 'm1',
    })
    await expect(
      chat.append([
        { id: 'n', text: 'a' },
        { id: 'n', text: 'b' },
      ]),
    ).rejects.toMatchObject({
      name: 'IdConflictError',
      id: 'n',
    })
    expect(await portrait(chat)).toEqual(before)
    expect(await chat.append(turns(5))).toMatchObject({ steps: [0, 1, 2, 3, 4], added: 2, step: 5 })
  })

  test('segments without an id get one', async () => {
    const chat = await fresh()
    await chat.append([{ text: 'the canoe' }, { text: 'the canoe' }])
    const [a, b] = await chat.segments()
    expect(a.id).not.toBe(b.id)
    expect(await chat.append({ id: a.id, text: 'the canoe' })).toEqual({ steps: [0], added: 0, step: 2 })
  })

  test('aborted, the conversation is as it was, and can go on', async () => {
    const chat = await read(turns(3))
    const before = await portrait(chat)
    const abort = new AbortController()
    const reason = new Error('the user left')
    const seen: Progress[] = []
    const appending = chat.append(turns(300, 3), {
      signal: abort.signal,
      onProgress: (progress) => {
        seen.push(progress)
        abort.abort(reason)
      },
    })
    await expect(appending).rejects.toBe(reason)
    expect(seen[0]).toMatchObject({ phase: 'read', total: 300, unit: 'segments' })
    expect(seen.at(-1)!.done).toBeLessThan(300)
    expect(await portrait(chat)).toEqual(before)
    await chat.append(turns(7, 3))
    await expectSame(await read(turns(10)), chat)
  })

  test('progress is told to its end before the call ends', async () => {
    const chat = await fresh()
    const seen: Progress[] = []
    await chat.append(turns(50), { onProgress: (progress) => seen.push(progress) })
    const read = seen.filter(({ phase }) => phase === 'read')
    expect(read.at(-1)).toMatchObject({ done: 50, total: 50 })
    expect(read.map(({ done }) => done)).toEqual(read.map(({ done }) => done).sort((a, b) => a - b))
  })

  test('pairs: two turns are read as one', async () => {
    const chat = await fresh()
    expect(await chat.append(turns(5), { segmenter: 'pair' })).toEqual({
      steps: [0, 0, 1, 1, 2],
      added: 3,
      step: 3,
    })
    const [first, , last] = await chat.segments()
    const [a, b] = turns(2)
    expect(first).toMatchObject({ id: 'm0+m1', text: `Bob: ${a.text}\nAna: ${b.text}`, time: a.time })
    expect(last).toMatchObject({ id: 'm4', role: 'Bob' })
    expect(await chat.append(turns(5), { segmenter: 'pair' })).toMatchObject({ added: 0 })
  })

  test('a long text is read in parts, found, replaced and forgotten as one', async () => {
    const chat = await fresh()
    const text = 'The canoe is in the garage. '.repeat(12).trim()
    await chat.append([
      { id: 'a', text: 'I moved.' },
      { id: 'long', text },
      { id: 'z', text: 'And now?' },
    ])
    const parts = (await chat.segments()).filter(({ part }) => part?.of === 'long')
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.map(({ id }) => id)).toEqual(parts.map((_, i) => `long~${i + 1}`))
    expect(parts.map((part) => part.text).join('')).toBe(text)
    expect(await chat.append({ id: 'long', text })).toMatchObject({ steps: [1], added: 0 })
    await expect(chat.append({ id: 'long', text: 'short' })).rejects.toMatchObject({
      name: 'IdConflictError',
    })
    await expect(chat.append({ id: 'x', text }, { longSegments: 'refuse' })).rejects.toMatchObject({
      name: 'SegmentTooLongError',
      id: 'x',
      maxTokens: 32,
    })

    await chat.replace('long', 'It is short.')
    expect((await chat.segments()).map(({ id }) => id)).toEqual(['a', 'long', 'z'])
    await chat.replace('long', text)
    await chat.forget('long~2')
    expect((await chat.segments()).map(({ id }) => id)).toEqual(['a', 'z'])
    const never = await fresh()
    await never.append([
      { id: 'a', text: 'I moved.' },
      { id: 'z', text: 'And now?' },
    ])
    await expectSame(never, chat)
  })
})

test('closed and opened again, in another worker, the memory is the same to the last bit, and goes on the same', async () => {
  const database = crypto.randomUUID()
  const [first, never] = [await openEngine({ database }), await fresh()]
  const before = await first.conversation('chat')
  await before.append(turns(9))
  await never.append(turns(9))
  const left = await portrait(before)
  await first.close()

  const after = await (await openEngine({ database })).conversation('chat')
  expect(await portrait(after)).toEqual(left)
  await after.append(turns(4, 9))
  await never.append(turns(4, 9))
  expect((await portrait(after)).embeddings).toEqual((await portrait(never)).embeddings)
})

describe('what is changed is read again, so that nothing later carries what is gone', () => {
  test.each([0, 4, 11])('replace turn %d', async (i) => {
    const chat = await read(turns(12))
    await chat.replace(`m${i}`, 'Ana keeps bees in the garage')
    const edited = turns(12).map((turn, step) =>
      step === i ? { ...turn, text: 'Ana keeps bees in the garage' } : turn,
    )
    await expectSame(await read(edited), chat)
    const { epoch } = await chat.info()
    expect(await chat.replace(`m${i}`, 'Ana keeps bees in the garage')).toMatchObject({ epoch })
  })

  test.each([[['m0']], [['m3', 'm7', 'not there']], [['m10', 'm11']]])('forget %j', async (ids) => {
    const chat = await read(turns(12))
    expect(await chat.forget(ids)).toMatchObject({ step: 12 - ids.filter((id) => id.startsWith('m')).length })
    await expectSame(await read(turns(12).filter(({ id }) => !ids.includes(id!))), chat)
  })

  test('aborted, nothing is changed', async () => {
    const chat = await fresh()
    await chat.append(turns(200))
    const before = await portrait(chat)
    const abort = new AbortController()
    const call = { signal: abort.signal, onProgress: () => abort.abort() }
    await expect(chat.replace('m0', 'gone', call)).rejects.toMatchObject({ name: 'AbortError' })
    expect(await portrait(chat)).toEqual(before)
  })

  test('rewind drops what is later, and goes on as if it had never been', async () => {
    const chat = await read(turns(12))
    expect(await chat.rewind(7)).toMatchObject({ step: 7 })
    await chat.append(turns(2, 20))
    await expectSame(await read([...turns(7), ...turns(2, 20)]), chat)
    expect(await chat.rewind(0)).toMatchObject({ step: 0 })
    expect(await chat.search('canoe')).toEqual([])
    expect(await chat.segments()).toEqual([])
  })
})

test('a range of segments may be empty, also where a chunk of records ends', async () => {
  const chat = await engine.conversation('64')
  await chat.append(turns(64))
  for (const from of [63, 64, 70]) expect(await chat.segments({ from })).toHaveLength(from === 63 ? 1 : 0)
  expect(await chat.segments({ from: 10, to: 10 })).toEqual([])
})

test('a long input tells its progress over all of its commits', async () => {
  const told: [number, number][] = []
  const onProgress = ({ done, total }: Progress) => told.push([done, total])
  const whole = await engine.conversation('whole')
  await whole.appendAll(turns(20), { commitEvery: 8, onProgress })
  expect(told.at(-1)).toEqual([20, 20])
  expect(told.every(([done, total], i) => total === 20 && (!i || done >= told[i - 1][0]))).toBe(true)
  told.length = 0
  const streamed = await engine.conversation('streamed')
  await streamed.appendAll(turns(20).values(), { commitEvery: 8, onProgress })
  expect(new Set(told.map(([, total]) => total))).toEqual(new Set([8, 16, 20]))
})

test('time travel: the memory as it stood at a step or a time', async () => {
  const chat = await fresh()
  const stood: Awaited<ReturnType<typeof portrait>>[] = []
  for (const turn of turns(12)) {
    stood.push(await portrait(chat))
    await chat.append(turn)
  }
  for (const [step, then] of stood.entries()) expect(await portrait(chat, step)).toEqual(then)
  const noon = new Date(Date.UTC(2024, 0, 7, 12))
  expect(await chat.search('Where is the canoe now?', { topK: 100, at: noon })).toEqual(stood[7].hits)
})

test('a fork is a copy that goes its own way', async () => {
  const chat = await read(turns(12))
  const before = await portrait(chat)
  const name = crypto.randomUUID()
  const fork = await chat.fork(name, 7)
  await expectSame(await read(turns(7)), fork)
  await fork.append(turns(3, 20))
  await expectSame(await read([...turns(7), ...turns(3, 20)]), fork)
  expect(await portrait(chat)).toEqual(before)
  await expect(chat.fork(name)).rejects.toMatchObject({ name: 'ConversationExistsError', conversation: name })
  const whole = await chat.fork(crypto.randomUUID())
  expect((await portrait(whole)).embeddings).toEqual(before.embeddings)
})

test.each([true, false])(
  'an exported file (compressed: %s) imported elsewhere is the same memory',
  async (compress) => {
    const chat = await fresh()
    await chat.append(turns(70))
    const before = await portrait(chat)
    const file = await chat.export({ compress })
    await expect(engine.import(file)).rejects.toMatchObject({ name: 'ConversationExistsError' })

    const elsewhere = await another()
    const copy = await elsewhere.import(file)
    expect(copy.name).toBe(chat.name)
    expect(await portrait(copy)).toEqual(before)
    const renamed = await elsewhere.import(file, { name: crypto.randomUUID() })
    await renamed.append(turns(3, 70))
    await chat.append(turns(3, 70))
    expect((await portrait(renamed)).embeddings).toEqual((await portrait(chat)).embeddings)

    const damaged = new Uint8Array(await file.arrayBuffer())
    damaged[damaged.length >> 1] ^= 1
    await expect(elsewhere.import(new Blob([damaged]), { name: 'x' })).rejects.toMatchObject({
      name: 'CorruptDataError',
    })
    expect((await elsewhere.conversations()).map(({ name }) => name)).not.toContain('x')
  },
)

test('tokens stay as they were read: in a fork, in files, and where the rest is cut off within a chunk', async () => {
  const database = crypto.randomUUID()
  const own = await openEngine({ database })
  const tokens = (name: string) => storedRows(database, name, 'tokens')
  const chat = await own.conversation('chat')
  await chat.append(turns(150))
  const read = await tokens('chat')
  expect(read).toHaveLength(150)
  expect(read.every(({ length }) => length > 0 && length % 5 === 0)).toBe(true)
  expect(new Set(read.map(String)).size).toBe(150)

  await chat.fork('fork', 100)
  expect(await tokens('fork')).toEqual(read.slice(0, 100))
  for (const compress of [true, false]) {
    await own.import(await chat.export({ compress }), { name: `copy ${compress}` })
    expect(await tokens(`copy ${compress}`)).toEqual(read)
  }
  await chat.rewind(90)
  expect(await tokens('chat')).toEqual(read.slice(0, 90))
  await chat.append(turns(3, 150))
  expect((await tokens('chat')).slice(0, 90)).toEqual(read.slice(0, 90))
})

test('conversations are listed and deleted', async () => {
  const own = await another()
  for (const { name } of await own.conversations()) await own.deleteConversation(name)
  const chat = await own.conversation('a')
  await chat.append(turns(3))
  await (await own.conversation('b')).append(turns(1))
  await own.conversation('never written')
  expect(await own.conversations()).toMatchObject([
    { name: 'a', step: 3, epoch: 1, space: own.info.space },
    { name: 'b', step: 1 },
  ])
  await chat.delete()
  expect((await own.conversations()).map(({ name }) => name)).toEqual(['b'])
  await expect(own.deleteConversation('a')).rejects.toMatchObject({ name: 'ConversationNotFoundError' })
  await chat.append(turns(2, 5))
  await expectSame(await read(turns(2, 5)), chat)
})

test('static embeddings know no memory', async () => {
  const [a, b] = await engine.embed(['the canoe', 'I moved to Lisbon'])
  expect(a.length).toBe(36)
  expect(Math.hypot(...a)).toBeCloseTo(1, 5)
  const chat = await fresh()
  await chat.append([{ text: 'I moved to Lisbon' }, { text: 'the canoe' }])
  const [first, second] = await chat.embeddings()
  expect(difference(first.subarray(0, 36), b)).toBeLessThan(1e-5)
  expect(difference(second.subarray(0, 36), a)).toBeLessThan(1e-5)
  expect((await engine.storage()).usageBytes).toBeGreaterThan(0)
})

test('two tabs write one conversation: nothing is lost, each hears of the other', async () => {
  const database = crypto.randomUUID()
  const tabs = [await openEngine({ database }), await openEngine({ database })]
  const chats = [await tabs[0].conversation('chat'), await tabs[1].conversation('chat')]
  const heard: number[] = []
  vi.stubGlobal('reportError', vi.fn())
  const wrong = new Error('a fault of the listener')
  chats[0].onChange(() => {
    throw wrong
  })
  const twenty = new Promise<void>((resolve) => {
    chats[0].onChange(({ step }) => {
      heard.push(step)
      if (step === 20) resolve()
    })
  })
  await Promise.all(turns(20).map((turn, i) => chats[i % 2].append(turn)))
  await twenty
  expect(reportError).toHaveBeenCalledTimes(20)
  expect(reportError).toHaveBeenCalledWith(wrong)
  vi.unstubAllGlobals()
  expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  expect(await portrait(chats[0])).toEqual(await portrait(chats[1]))
  const order = (await chats[0].segments()).map(({ id }) => id)
  expect([...order].sort()).toEqual(
    turns(20)
      .map(({ id }) => id)
      .sort(),
  )
  await expectSame(await read(order.map((id) => turns(20).find((turn) => turn.id === id)!)), chats[1])
})
