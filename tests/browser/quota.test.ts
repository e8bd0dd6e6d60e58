/** A quota that is reached, set through the browser's debugging protocol. */

import { promisifyRequest } from 'idb-keyval'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { cdp } from 'vitest/browser'
import type { Conversation } from '../../src'
import { openEngine, portrait, turns } from './engines'

interface Protocol {
  send(method: string, params: object): Promise<unknown>
}

const setQuota = (quotaSize?: number) =>
  (cdp() as unknown as Protocol).send('Storage.overrideQuotaForOrigin', {
    origin: location.origin,
    quotaSize,
  })

const ROOM = 1_000_000

/** Whether the browser lets this origin store so many bytes; leaves none of them. */
async function takes(bytes: number): Promise<boolean> {
  const opening = indexedDB.open('probe')
  opening.onupgradeneeded = () => opening.result.createObjectStore('probes')
  const database = await promisifyRequest(opening)
  const transaction = database.transaction('probes', 'readwrite')
  transaction.objectStore('probes').put(new Uint8Array(bytes), 0)
  const taken = await promisifyRequest(transaction).then(
    () => true,
    ({ name }: DOMException) => name !== 'QuotaExceededError',
  )
  database.close()
  await promisifyRequest(indexedDB.deleteDatabase('probe'))
  return taken
}

// Chromium asks for the quota when an origin first writes, and forgets it some seconds after its databases are closed.
beforeAll(async () => {
  const { usage = 0 } = await navigator.storage.estimate()
  await setQuota(usage + ROOM)
  await vi.waitUntil(async () => !(await takes(2 * ROOM)), { interval: 4_000, timeout: 120_000 })
})
afterAll(() => setQuota())

const refused = { name: 'StorageFullError' }

test('an append that meets its end leaves what was there, and no more; with room again all goes on', async () => {
  const database = crypto.randomUUID()
  const engine = await openEngine({ database })
  const chat = await engine.conversation('chat')
  await chat.append(turns(70))
  const before = await portrait(chat)
  const info = await chat.info()
  const large = turns(40, 70).map((turn) => ({ ...turn, metadata: { note: 'x'.repeat(ROOM / 20) } }))

  await expect(chat.append(large)).rejects.toMatchObject(refused)
  expect(await chat.info()).toEqual(info)
  expect(await portrait(chat)).toEqual(before)
  const afresh = await openEngine({ database })
  expect(await portrait(await afresh.conversation('chat'))).toEqual(before)

  const committed: number[] = []
  const all = chat.appendAll(large, { commitEvery: 4, onCommit: ({ step }) => committed.push(step) })
  await expect(all).rejects.toMatchObject(refused)
  expect(committed.length).toBeGreaterThan(0)
  expect(await chat.info()).toMatchObject({ step: committed.at(-1) })
  const kept = await portrait(chat)
  expect(await portrait(chat)).toEqual(kept)
  expect((await engine.conversations()).map(({ name }) => name)).toEqual(['chat'])

  await chat.forget(large.map(({ id }) => id!))
  expect(await portrait(chat)).toEqual(before)
  await setQuota()
  await chat.append(large)
  expect(await texts(chat)).toEqual([...turns(70), ...large].map(({ id, text }) => [id, text]))
})

const texts = async (chat: Conversation) => (await chat.segments()).map(({ id, text }) => [id, text])
