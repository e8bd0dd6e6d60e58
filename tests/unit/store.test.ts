import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { ConversationChangedError, CorruptDataError, NewerFormatError } from '../../src/errors'
import { Store, type Head, type Records } from '../../src/store'

const widths = { embedding: 3, latent: 2 }
const ALL = ['segments', 'embeddings', 'latents'] as const

/** Segments from..to, each with vectors of its own; `mark` tells one writing from another. */
function records(from: number, to: number, mark = 0): Records {
  const steps = Array.from({ length: to - from }, (_, i) => from + i)
  return {
    segments: steps.map((step) => ({ id: `m${step}`, text: `text ${step} of ${mark}` })),
    embeddings: Float32Array.from(steps.flatMap((step) => [step, mark, 0.5])),
    latents: Uint16Array.from(steps.flatMap((step) => [step, mark])),
  }
}

function write(store: Store, head: Head | undefined, from: number, added: Records, name = 'chat') {
  return store.write(name, head, { from, records: added, space: 's', widths })
}

async function database(): Promise<[Store, string]> {
  const name = crypto.randomUUID()
  return [new Store(name), name]
}

/** Reaches into the database as a newer version, or a fault, would. */
async function tamper(name: string, change: (records: IDBObjectStore) => void): Promise<void> {
  const open = indexedDB.open(name)
  await new Promise((resolve) => (open.onsuccess = resolve))
  const transaction = open.result.transaction('records', 'readwrite')
  change(transaction.objectStore('records'))
  await new Promise((resolve) => (transaction.oncomplete = resolve))
  open.result.close()
}

test.each([
  ['one by one', Array.from({ length: 130 }, () => 1)],
  ['in pieces that end within, at, and beyond chunks', [10, 54, 64, 1, 1]],
  ['at once', [130]],
])('segments appended %s are read as they were', async (_, sizes) => {
  const [store] = await database()
  let head: Head | undefined
  let step = 0
  for (const size of sizes) head = await write(store, head, step, records(step, (step += size)))
  expect(await store.read('chat', 0, Infinity, ALL)).toEqual({ head, ...records(0, 130) })
  expect(await store.read('chat', 63, 66, ALL)).toEqual({ head, ...records(63, 66) })
  expect(await store.read('chat', 64, 128, ['latents'])).toEqual({ head, latents: records(64, 128).latents })
  expect(await store.read('chat', 130, 140, ALL)).toEqual({ head, ...records(0, 0) })
  expect(head).toMatchObject({ step: 130, epoch: sizes.length })
})

test.each([0, 5, 64, 100, 128, 129])(
  'a write from step %d on leaves what was before, and no more',
  async (from) => {
    const [store] = await database()
    const before = await write(store, undefined, 0, records(0, 130))
    const shorter = await write(store, before, from, records(from, from + 1, 7))
    const [kept, added] = [records(0, from), records(from, from + 1, 7)]
    expect(await store.read('chat', 0, Infinity, ALL)).toEqual({
      head: shorter,
      segments: [...kept.segments, ...added.segments],
      embeddings: Float32Array.of(...kept.embeddings, ...added.embeddings),
      latents: Uint16Array.of(...kept.latents, ...added.latents),
    })
    const empty = await write(store, shorter, 0, records(0, 0))
    expect(await store.read('chat', 0, Infinity, ALL)).toEqual({ head: empty, ...records(0, 0) })
    expect(empty).toMatchObject({ step: 0, bytes: expect.any(Number), created: before.created })
  },
)

test('of two writers that saw the same, one writes; the other is told and has changed nothing', async () => {
  const [store, name] = await database()
  const seen = await write(store, undefined, 0, records(0, 3))
  const other = new Store(name)
  const theirs = await write(other, seen, 3, records(3, 4, 1))
  await expect(write(store, seen, 1, records(1, 2, 2))).rejects.toThrow(ConversationChangedError)
  await expect(write(store, undefined, 0, records(0, 1))).rejects.toThrow(ConversationChangedError)
  expect((await store.read('chat', 0, Infinity, ALL))!.head).toEqual(theirs)

  // The same name and epoch again, but another conversation.
  await store.delete('chat')
  const fresh = await write(store, undefined, 0, records(0, 1))
  await write(store, fresh, 1, records(1, 2))
  await expect(write(other, theirs, 4, records(4, 5))).rejects.toThrow(ConversationChangedError)
})

test('conversations stand apart, whatever their names, and are deleted whole', async () => {
  const [store, name] = await database()
  const names = ['a', 'a b', 'records', 'ä', '0', 'ab']
  for (const [i, each] of names.entries()) await write(store, undefined, 0, records(0, 70, i), each)
  expect((await store.heads()).map((head) => head.name).sort()).toEqual([...names].sort())
  expect(await store.delete('a')).toBe(true)
  expect(await store.delete('a')).toBe(false)
  for (const [i, each] of names.entries())
    expect((await store.read(each, 0, Infinity, ALL))?.segments).toEqual(
      each === 'a' ? undefined : records(0, 70, i).segments,
    )
  for (const each of names.slice(1)) await store.delete(each)
  await tamper(name, (all) => {
    all.count().onsuccess = ({ target }) => expect((target as IDBRequest<number>).result).toBe(0)
  })
})

test('a conversation of a newer format is refused by name and left as it is', async () => {
  const [store, name] = await database()
  const head = { ...(await write(store, undefined, 0, records(0, 3))), format: 9 }
  await tamper(name, (all) => all.put(head, ['', 'chat']))
  const refusal = new NewerFormatError('conversation chat', 9, 1)
  await expect(store.heads()).rejects.toThrow(refusal)
  await expect(store.read('chat', 0, 1, ALL)).rejects.toThrow(refusal)
  await expect(store.delete('chat')).rejects.toThrow(refusal)
  await expect(write(store, head, 3, records(3, 4))).rejects.toThrow(refusal)
  await tamper(name, (all) => {
    all.get(['', 'chat']).onsuccess = ({ target }) => expect((target as IDBRequest).result).toEqual(head)
  })
})

test('a database of a newer version is refused by name', async () => {
  const [store, name] = await database()
  const newer = indexedDB.open(name, 7)
  await new Promise((resolve) => (newer.onsuccess = resolve))
  newer.result.close()
  await expect(store.heads()).rejects.toThrow(new NewerFormatError(`database ${name}`, 7, 1))
})

test('a chunk that is gone is said, not made up', async () => {
  const [store, name] = await database()
  await write(store, undefined, 0, records(0, 130))
  await tamper(name, (all) => all.delete(['chat', 'latents', 1]))
  await expect(store.read('chat', 0, 130, ALL)).rejects.toThrow(CorruptDataError)
  expect(await store.read('chat', 0, 64, ALL)).toMatchObject(records(0, 64))
})
