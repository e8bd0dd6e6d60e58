import { expect, test } from 'vitest'
import type { Backend, Keep, Queue } from '../../src/backend/backend'
import { inTurns } from '../../src/backend/inTurns'

/** A device that can do one thing at a time, and notes what it does; `fail` is what it fails at. */
function singleMinded(
  fail?: string,
  lost = new Promise<string>(() => {}),
): { backend: Backend; done: string[] } {
  const done: string[] = []
  let busy = false
  const work = (name: string) => async () => {
    expect(busy).toBe(false)
    busy = true
    await Promise.resolve()
    busy = false
    if (name === fail) throw new Error(`cannot ${name}`)
    done.push(name)
  }
  const queue = { advance: work('advance'), represent: work('represent') } as unknown as Queue
  const backend = {
    device: 'webgpu',
    lost,
    read: work('read'),
    rerank: work('rerank'),
    openQueue: async () => {
      await work('openQueue')()
      return queue
    },
  } as unknown as Backend
  return { backend: inTurns(backend), done }
}

test('what is asked for at once is done one after the other, in order', async () => {
  const { backend, done } = singleMinded()
  const any = undefined as never
  const queue = await backend.openQueue(any)
  await Promise.all([
    backend.read(any, any),
    queue.advance(any, any, any),
    backend.openQueue(any),
    queue.represent(any),
    backend.rerank(any),
    backend.read(any, any),
  ])
  expect(done).toEqual(['openQueue', 'read', 'advance', 'openQueue', 'represent', 'rerank', 'read'])
})

test('the device hears what readings are to keep', () => {
  const readings = (count: number, keep?: Keep) => ({ count, keep })
  const lost = new Promise<string>(() => {})
  const backend = inTurns({ lost, readings } as unknown as Backend)
  expect(backend.readings(2, { states: true })).toEqual({ count: 2, keep: { states: true } })
})

test('a failure is heard by who asked, and the next is done all the same', async () => {
  const { backend, done } = singleMinded('rerank')
  const any = undefined as never
  const [reranked] = await Promise.allSettled([backend.rerank(any), backend.read(any, any)])
  expect(reranked).toMatchObject({ status: 'rejected', reason: { message: 'cannot rerank' } })
  expect(done).toEqual(['read'])
})

test('a device that is lost and never answers fails what it was doing, and all that comes after', async () => {
  const backend = inTurns({
    device: 'webgpu',
    lost: Promise.resolve('unplugged'),
    read: () => new Promise<never>(() => {}),
    rerank: async () => new Float32Array(),
  } as unknown as Backend)
  const any = undefined as never
  const error = { name: 'DeviceLostError', device: 'webgpu', reason: 'unplugged' }
  await expect(backend.read(any, any)).rejects.toMatchObject(error)
  await expect(backend.rerank(any)).rejects.toMatchObject(error)
})
