/** Engines that share one worker, as those of several tabs do. tests/e2e/tabs.test.ts does the same with real tabs. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Engine } from '../../src'
import { openEngine, portrait, turns } from './engines'

let started = 0
beforeEach(() => {
  started = 0
  vi.stubGlobal(
    'Worker',
    class extends Worker {
      constructor(url: URL, options: WorkerOptions) {
        super(url, options)
        started++
      }
    },
  )
})
afterEach(() => vi.unstubAllGlobals())

const shared = (options: Parameters<typeof openEngine>[0]) => openEngine({ share: true, ...options })

test('one worker serves all engines of the same model, device and database, and no other', async () => {
  const database = crypto.randomUUID()
  const engines = await Promise.all([1, 2, 3].map(() => shared({ database })))
  expect(started).toBe(1)
  const chat = await engines[0].conversation('chat')
  await chat.append(turns(3))
  for (const engine of engines) {
    expect(engine.info).toEqual(engines[0].info)
    expect(await portrait(await engine.conversation('chat'))).toEqual(await portrait(chat))
  }
  await shared({ database: crypto.randomUUID() })
  await openEngine({ database })
  expect(started).toBe(3)
})

test('calls of each have their own order, progress, abort and errors', async () => {
  const database = crypto.randomUUID()
  const [one, two] = [await shared({ database }), await shared({ database })]
  const chat = await two.conversation('chat')
  const seen: number[] = []
  const abort = new AbortController()
  await chat.append(turns(5), { onProgress: ({ done }) => seen.push(done) })
  expect(seen.at(-1)).toBe(5)
  const appending = chat.append(turns(2000, 5), { signal: abort.signal, onProgress: () => abort.abort() })
  const other = (await one.conversation('other')).append(turns(4))
  await expect(appending).rejects.toMatchObject({ name: 'AbortError' })
  expect(await other).toMatchObject({ added: 4 })
  await expect(chat.rewind(9)).rejects.toMatchObject({ name: 'InvalidArgumentError', argument: 'step' })
  expect((await chat.info()).step).toBe(5)
})

test('one that closes takes its calls with it, and leaves the others theirs', async () => {
  const database = crypto.randomUUID()
  const [leader, follower] = [await shared({ database }), await shared({ database })]
  const own = await leader.conversation('own')
  const cut = (await follower.conversation('cut')).append(turns(3000))
  const refused = expect(cut).rejects.toMatchObject({ name: 'EngineClosedError' })
  const kept = own.append(turns(300))
  await follower.close()
  await refused
  expect(await kept).toMatchObject({ added: 300 })
  await expect
    .poll(async () =>
      (await navigator.locks.query()).held!.some(({ name }) => name === `evoembed:${database}:cut`),
    )
    .toBe(false)
  expect((await leader.conversations()).map(({ name }) => name)).toEqual(['own'])
  expect(started).toBe(1)
})

test('when the one that started the worker closes, the others go on, with what they were at', async () => {
  const database = crypto.randomUUID()
  const leader = await shared({ database })
  const followers = [await shared({ database }), await shared({ database }), await shared({ database })]
  const chats = await Promise.all(followers.map((engine, i) => engine.conversation(`chat ${i}`)))
  let begin = () => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const appending = chats.map((chat) => chat.append(turns(150), { onProgress: begin }))
  await begun
  await leader.close()
  for (const result of await Promise.all(appending)) expect(result).toMatchObject({ step: 150 })
  expect(started).toBe(2)
  const alone: Engine = await openEngine()
  const same = await alone.conversation('same')
  await same.append(turns(150))
  for (const chat of chats) expect(await chat.embeddings()).toEqual(await same.embeddings())
})

test('a call that may have been done, or not, is not made twice', async () => {
  const database = crypto.randomUUID()
  const [leader, follower] = [await shared({ database }), await shared({ database })]
  const chat = await follower.conversation('chat')
  await chat.append(turns(300))
  const file = await chat.export()
  const importing = follower.import(file, { name: 'copy', onProgress: () => void leader.close() })
  await expect(importing).rejects.toMatchObject({ name: 'WorkerLostError' })
  expect((await follower.conversations()).length).toBeGreaterThan(0)
})

test('five that close one after another: the last still answers', async () => {
  const database = crypto.randomUUID()
  const engines: Engine[] = []
  for (let i = 0; i < 5; i++) engines.push(await shared({ database }))
  const chat = await engines[4].conversation('chat')
  for (const [i, engine] of engines.slice(0, 4).entries()) {
    const appending = chat.append(turns(20, 20 * i))
    await engine.close()
    expect(await appending).toMatchObject({ step: 20 * (i + 1) })
  }
})
