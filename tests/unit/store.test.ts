import 'fake-indexeddb/auto'
import { describe, expect, test } from 'vitest'
import { ConversationChangedError, CorruptDataError, NewerFormatError } from '../../src/errors'
import { chunkRange, headSum } from '../../src/database'
import { DAMAGED } from '../../src/records'
import type { Records } from '../../src/chunks'
import type { Head } from '../../src/records'
import { Store } from '../../src/store'

const widths = { embedding: 3, latent: 2, token: 2 }
const ALL = ['segments', 'embeddings', 'latents', 'tokens'] as const

/** Segments from..to, each with vectors of its own; `mark` tells one writing from another. */
function records(from: number, to: number, mark = 0): Records {
  const steps = Array.from({ length: to - from }, (_, i) => from + i)
  return {
    segments: steps.map((step) => ({ id: `m${step}`, text: `text ${step} of ${mark}` })),
    embeddings: Float32Array.from(steps.flatMap((step) => [step, mark, 0.5])),
    latents: Uint16Array.from(steps.flatMap((step) => [step, mark])),
    // None, one, two, three, none, ...
    tokens: steps.map((step) => Int8Array.from({ length: 2 * (step % 4) }, (_, i) => step + mark + i)),
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

test('what a conversation takes is counted, tokens too', async () => {
  const [store] = await database()
  const { bytes } = await write(store, undefined, 0, records(0, 8))
  const tokenless = { ...records(0, 8), tokens: Array.from({ length: 8 }, () => new Int8Array()) }
  expect(bytes - (await write(store, undefined, 0, tokenless, 'tokenless')).bytes).toBe(2 * 12)
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
      tokens: [...kept.tokens, ...added.tokens],
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
  const written = { ...(await write(store, undefined, 0, records(0, 3))), format: 9 }
  const head = { ...written, sum: headSum(written) }
  await tamper(name, (all) => all.put(head, ['', 'chat']))
  const refusal = new NewerFormatError('conversation chat', 9, 3)
  const other = await write(store, undefined, 0, records(0, 1), 'other')
  expect(await store.heads()).toEqual([{ name: 'chat', error: refusal }, other])
  await expect(store.remains('chat', widths)).rejects.toThrow(refusal)
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
  await expect(store.heads()).rejects.toThrow(new NewerFormatError(`database ${name}`, 7, 3))
})

/** Changes the value of a key in place. */
function alter(key: IDBValidKey, change: (value: any) => unknown) {
  return (all: IDBObjectStore) => {
    all.get(key).onsuccess = ({ target }) => {
      const { result } = target as IDBRequest
      const changed = change(result)
      all.put(changed === undefined ? result : changed, key)
    }
  }
}

const flip = (rows: Float32Array | Uint16Array | Int8Array, at: number) =>
  void (new Uint8Array(rows.buffer)[at] ^= 1)

describe.each<[string, (all: IDBObjectStore) => void, step: number, texts: number]>([
  ['a chunk gone', (all) => all.delete(['chat', 'latents', 1]), 64, 130],
  ['chunks gone from the first on', (all) => all.delete(chunkRange('chat', 'embeddings', 0, 1)), 0, 130],
  [
    'a chunk cut short',
    alter(['chat', 'embeddings', 1], ({ rows, sums }) => ({ rows: rows.slice(0, 31), sums })),
    74,
    130,
  ],
  [
    'checksums cut short',
    alter(['chat', 'latents', 1], ({ rows, sums }) => ({ rows, sums: sums.slice(0, 9) })),
    73,
    130,
  ],
  [
    'one bit of an embedding',
    alter(['chat', 'embeddings', 1], ({ rows }) => flip(rows, 12 * 5 + 3)),
    69,
    130,
  ],
  ['one bit of a token', alter(['chat', 'tokens', 1], ({ rows }) => flip(rows[3], 5)), 67, 130],
  [
    'a token gone from its row',
    alter(['chat', 'tokens', 0], ({ rows }) => void (rows[2] = rows[2].slice(0, 2))),
    2,
    130,
  ],
  [
    'two rows of tokens in each other\u2019s place',
    alter(['chat', 'tokens', 0], ({ rows }) => void rows.splice(5, 2, rows[6], rows[5])),
    5,
    130,
  ],
  ['a row without tokens gone', alter(['chat', 'tokens', 1], ({ rows }) => void delete rows[4]), 68, 130],
  ['a row of tokens that is a text', alter(['chat', 'tokens', 0], ({ rows }) => void (rows[9] = '')), 9, 130],
  ['tokens gone', (all) => all.delete(['chat', 'tokens', 1]), 64, 130],
  ['one bit of a latent', alter(['chat', 'latents', 0], ({ rows }) => flip(rows, 4 * 7)), 7, 130],
  [
    'a letter of a text',
    alter(['chat', 'segments', 1], ({ rows }) => void (rows[2].text = 'text 66 of 1')),
    66,
    66,
  ],
  [
    'two texts in each other\u2019s place',
    alter(['chat', 'segments', 0], ({ rows }) => void rows.reverse()),
    0,
    0,
  ],
  [
    'in two kinds',
    (all) => {
      alter(['chat', 'segments', 1], () => 'gone')(all)
      alter(['chat', 'latents', 0], ({ rows }) => flip(rows, 4 * 9))(all)
    },
    9,
    64,
  ],
  ['a chunk of no known form', alter(['chat', 'segments', 1], () => 'gone'), 64, 64],
])('damage: %s', (_, damage, step, texts) => {
  test('is said with its step, and what is before it can be read', async () => {
    const [store, name] = await database()
    await write(store, undefined, 0, records(0, 130))
    const healthy = await write(store, undefined, 0, records(0, 3), 'other')
    await tamper(name, damage)
    const error = await store.read('chat', 0, 130, ALL).catch((error) => error)
    expect(error).toBeInstanceOf(CorruptDataError)
    expect(error).toMatchObject({ step })
    expect(await store.read('chat', 0, step, ALL)).toMatchObject(records(0, step))
    expect(await store.read('chat', 0, texts, ['segments'])).toMatchObject({
      segments: records(0, texts).segments,
    })
    const remains = await store.remains('chat', widths)
    expect(remains.whole).toBe(step)
    expect(remains.segments.slice(0, texts)).toEqual(records(0, texts).segments)
    expect(remains.segments).toHaveLength(130)
    expect(await store.read('other', 0, 3, ALL)).toEqual({ head: healthy, ...records(0, 3) })
  })

  test('stays damage when more is appended', async () => {
    const [store, name] = await database()
    const head = await write(store, undefined, 0, records(0, 130))
    await tamper(name, damage)
    await write(store, head, 130, records(130, 133))
    await expect(store.read('chat', 0, 133, ALL)).rejects.toMatchObject({ name: 'CorruptDataError', step })
  })
})

test('a tail that is not all there takes no append, and one is written over what is kept of it', async () => {
  const [store, name] = await database()
  const head = await write(store, undefined, 0, records(0, 10))
  await tamper(
    name,
    alter(['chat', 'latents', 0], ({ rows, sums }) => ({ rows: rows.slice(0, 12), sums })),
  )
  await expect(write(store, head, 10, records(10, 11))).rejects.toThrow(CorruptDataError)
  await write(store, head, 6, records(6, 11))
  expect(await store.read('chat', 0, 11, ALL)).toMatchObject(records(0, 11))
})

test.each<[string, (head: Head) => unknown]>([
  ['a wrong count', (head) => ({ ...head, step: 2 })],
  ['another name', (head) => ({ ...head, name: 'other' })],
  ['no head at all', () => null],
  ['fields lost', ({ name, format }) => ({ name, format })],
])('a damaged head (%s) is said, hides no other, and can be written over or deleted', async (_, damage) => {
  const [store, name] = await database()
  await write(store, undefined, 0, records(0, 70))
  const other = await write(store, undefined, 0, records(0, 1), 'other')
  await tamper(name, alter(['', 'chat'], damage))
  const heads = await store.heads()
  expect(heads).toMatchObject([{ name: 'chat', error: { name: 'CorruptDataError', step: 0 } }, other])
  await expect(store.read('chat', 0, 1, ALL)).rejects.toThrow(CorruptDataError)
  const remains = await store.remains('chat', widths)
  expect(remains).toEqual({ head: DAMAGED, segments: records(0, 70).segments, whole: 70 })
  await expect(write(store, undefined, 0, records(0, 1))).rejects.toThrow(ConversationChangedError)
  const again = () => store.write('chat', DAMAGED, { from: 0, records: records(0, 5), space: 's', widths })
  const head = await again()
  expect(await store.read('chat', 0, Infinity, ALL)).toEqual({ head, ...records(0, 5) })
  await expect(again()).rejects.toThrow(ConversationChangedError)

  await tamper(name, alter(['', 'chat'], damage))
  expect(await store.delete('chat')).toBe(true)
  expect(await store.remains('chat', widths)).toEqual({ head: undefined, segments: [], whole: 0 })
})

describe.each([
  [1, 'without checksums'],
  [2, 'without tokens'],
])('a database of format %i, %s', (format) => {
  /** As that version left it. */
  async function old(name: string): Promise<IDBDatabase> {
    const [current, source] = await database()
    await write(current, undefined, 0, records(0, 130))
    const entries = await new Promise<[IDBValidKey, any][]>((resolve) => {
      void tamper(source, (all) => {
        all.getAllKeys().onsuccess = ({ target: keys }) => {
          all.getAll().onsuccess = ({ target: values }) =>
            resolve(
              (keys as IDBRequest).result.map((key: any, i: number) => [
                key,
                (values as IDBRequest).result[i],
              ]),
            )
        }
      })
    })
    const open = indexedDB.open(name, format)
    open.onupgradeneeded = () => {
      const all = open.result.createObjectStore('records')
      for (const [key, value] of entries) {
        const [, kind] = key as [string, string]
        if (kind === 'tokens') continue
        if ('rows' in value) all.put(format === 1 ? value.rows : value, key)
        else {
          const { sum: _, ...newer } = value
          const { token: __, ...older } = widths
          const head = { ...newer, widths: older, format }
          all.put(format === 1 ? head : { ...head, sum: headSum(head) }, key)
        }
      }
    }
    await new Promise((resolve) => (open.onsuccess = resolve))
    return open.result
  }

  test('is brought to this one, whole but for tokens, and goes on when it is read again', async () => {
    const name = crypto.randomUUID()
    ;(await old(name)).close()
    const store = new Store(name)
    const [head] = (await store.heads()) as Head[]
    expect(head).toMatchObject({ format: 2, step: 130, epoch: 1, widths: { ...widths, token: 0 } })
    const tokens = Array.from({ length: 130 }, () => new Int8Array())
    expect(await store.read('chat', 0, Infinity, ALL)).toEqual({ head, ...records(0, 130), tokens })
    const { segments } = records(0, 130)
    expect(await store.remains('chat', widths)).toEqual({ head, segments, whole: 130 })
    const again = await write(store, head, 0, records(0, 131))
    expect(again).toMatchObject({ format: 3, widths })
    expect(await store.read('chat', 0, Infinity, ALL)).toEqual({ head: again, ...records(0, 131) })
  })

  test('that another tab will not close is said by name, and opened once it is', async () => {
    const name = crypto.randomUUID()
    const tab = await old(name)
    const store = new Store(name)
    await expect(store.heads()).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      reason: expect.stringContaining('another tab'),
    })
    tab.close()
    expect(await store.heads()).toMatchObject([{ name: 'chat', step: 130 }])
  }, 30_000)

  test('that another tab closes when it has written is waited for', async () => {
    const name = crypto.randomUUID()
    const tab = await old(name)
    const told = new Promise((resolve) => (tab.onversionchange = resolve))
    const store = new Store(name)
    const heads = store.heads()
    await told
    tab.close()
    expect(await heads).toMatchObject([{ name: 'chat', step: 130 }])
  })
})
