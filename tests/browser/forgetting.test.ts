/** What is forgotten is gone: its text, its vectors, and every vector that was computed with it. */

import { promisifyRequest } from 'idb-keyval'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Conversation, Engine } from '../../src'
import { openEngine, storedRows, turns } from './engines'

const SECRET = 'zanzibar'
/** In no other record, whatever other tests left behind. */
let name: string
const secret = { id: 'the secret', role: 'Ana', text: `It is ${SECRET}.`, metadata: { note: SECRET } }

let engine: Engine
let database: string
beforeEach(async () => {
  name = `dossier ${crypto.randomUUID()}`
  database = crypto.randomUUID()
  engine = await openEngine({ database })
})

const latin = (bytes: BufferSource) => new TextDecoder('latin1').decode(bytes)

/** Bytes and text of a stored value, whatever is in it. */
function inside(value: unknown): string[] {
  if (ArrayBuffer.isView(value)) return [latin(value as Uint8Array<ArrayBuffer>)]
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Object.entries(value).flatMap(([key, part]) => [key, ...inside(part)])
}

/** All this origin keeps: every database, every cache, the page's own storage. */
async function stored(): Promise<string[]> {
  const found: string[] = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })]
  for (const { name } of await indexedDB.databases()) {
    const opened = await promisifyRequest(indexedDB.open(name!))
    for (const store of opened.objectStoreNames) {
      const records = opened.transaction(store).objectStore(store)
      const [keys, values] = [records.getAllKeys(), records.getAll()]
      found.push(...inside(await promisifyRequest(keys)), ...inside(await promisifyRequest(values)))
    }
    opened.close()
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const request of await cache.keys())
      found.push(request.url, latin(await (await cache.match(request))!.arrayBuffer()))
  }
  return found
}

/** A conversation's rows as stored, each as its bytes. */
async function vectors(name: string) {
  const rows = async (kind: 'embeddings' | 'latents' | 'tokens') =>
    (await storedRows(database, name, kind)).map((row) => latin(row as Uint8Array<ArrayBuffer>))
  return {
    embeddings: await rows('embeddings'),
    latents: await rows('latents'),
    tokens: await rows('tokens'),
  }
}

/** Rows that were computed with segment 10: the vectors from it on, and its own tokens. */
function knowing({ embeddings, latents, tokens }: Awaited<ReturnType<typeof vectors>>): string[] {
  return [...embeddings.slice(10), ...latents.slice(10), tokens[10]]
}

const holds = (found: string[], needle: string) => found.some((text) => text.includes(needle))

/** Ten turns, then, in one append, the secret, and ten more. */
async function told(): Promise<Conversation> {
  const chat = await engine.conversation(name)
  await chat.append(turns(10))
  await chat.append([secret, ...turns(10, 10)])
  return chat
}

/** The same, told in the same way, but with other turns in the secret's place. */
async function never(...instead: { id: string; text: string }[]): Promise<Conversation> {
  const chat = await engine.conversation('never told')
  await chat.append(turns(10))
  await chat.append([...instead, ...turns(10, 10)])
  return chat
}

const { text: _, ...untold } = secret
const replaced = { ...untold, metadata: {}, text: 'It is nowhere.' }

describe.each<[string, (chat: Conversation) => Promise<unknown>, () => Promise<Conversation> | undefined]>([
  ['forget', (chat) => chat.forget(secret.id), () => never()],
  [
    'forget, a part of what followed as well',
    (chat) => chat.forget([secret.id, 'm12', 'm13']),
    async () => {
      const chat = await engine.conversation('never told')
      await chat.append(turns(10))
      await chat.append([...turns(2, 10), ...turns(6, 14)])
      return chat
    },
  ],
  [
    'rewind',
    (chat) => chat.rewind(10),
    async () => {
      const chat = await engine.conversation('never told')
      await chat.append(turns(10))
      return chat
    },
  ],
  ['delete', (chat) => chat.delete(), () => undefined],
])('%s', (_, forget, unaware) => {
  test('leaves nothing in storage, and what is left was computed without it', async () => {
    const chat = await told()
    const own = knowing(await vectors(name))
    let found = await stored()
    expect(holds(found, SECRET)).toBe(true)
    for (const row of own) expect(holds(found, row)).toBe(true)

    await forget(chat)
    found = await stored()
    expect(holds(found, SECRET)).toBe(false)
    expect(own.filter((row) => holds(found, row))).toEqual([])

    const same = await unaware()
    if (same) {
      expect(await vectors(name)).toEqual(await vectors('never told'))
      const query = 'Where is zanzibar?'
      expect(await chat.embedQuery(query)).toEqual(await same.embedQuery(query))
      const texts = async (of: Conversation) => (await of.search(query, { topK: 99 })).map(({ text }) => text)
      expect(await texts(chat)).toEqual(await texts(same))
      const file = latin(await (await chat.export({ compress: false })).arrayBuffer())
      expect([SECRET, ...own].filter((needle) => file.includes(needle))).toEqual([])
    } else {
      expect(holds(found, name)).toBe(false)
      expect(await chat.search(SECRET)).toEqual([])
    }
  })
})

test('replace puts another text in its place, as if it had been told so from the start', async () => {
  const chat = await engine.conversation(name)
  const plain = { ...untold, metadata: {} }
  await chat.append(turns(10))
  await chat.append([{ ...plain, text: secret.text }, ...turns(10, 10)])
  const own = knowing(await vectors(name))
  await chat.replace(secret.id, replaced.text)
  const found = await stored()
  expect(holds(found, SECRET)).toBe(false)
  expect(own.filter((row) => holds(found, row))).toEqual([])
  await never(replaced)
  expect(await vectors(name)).toEqual(await vectors('never told'))
})

test('a fork and an older export are copies of their own: they keep it until they are told, too', async () => {
  const chat = await told()
  const fork = await chat.fork('fork')
  const file = await chat.export()
  await chat.forget(secret.id)
  expect(holds(await stored(), SECRET)).toBe(true)
  await fork.forget(secret.id)
  expect(holds(await stored(), SECRET)).toBe(false)
  const imported = await engine.import(file, { name: 'again' })
  expect((await imported.segments()).map(({ id }) => id)).toContain(secret.id)
})

test('another tab that had it open knows it no more', async () => {
  const chat = await told()
  const tab = await (await openEngine({ database })).conversation(name)
  expect((await tab.search(secret.text)).map(({ id }) => id)).toContain(secret.id)
  await chat.forget(secret.id)
  expect((await tab.search(SECRET, { topK: 99 })).map(({ id }) => id)).not.toContain(secret.id)
})
