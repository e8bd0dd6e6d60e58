/** What the engine does where the browser or its device is at fault. */

import { afterEach, expect, test, vi } from 'vitest'
import type { Conversation, DeviceChange } from '../../src'
import { openEngine, portrait, turns } from './engines'
import type { Fault } from './faults'
import faultyWorker from './faultyWorker.ts?worker&url'
import { ACROSS_DEVICES, difference } from './tinyModel'

const RealWorker = Worker
let workers = 0

/** The engine's workers have this fault from now on. */
function all(fault: Fault): void {
  workers = 0
  vi.stubGlobal(
    'Worker',
    class extends RealWorker {
      constructor() {
        super(faultyWorker, { type: 'module', name: fault })
        workers++
      }
    },
  )
}
afterEach(() => vi.unstubAllGlobals())

/** The vectors of the first `count` segments, and of a query after them. */
async function vectors(chat: Conversation, count: number): Promise<number[]> {
  const rows = [
    await chat.embedQuery('Where is the canoe now?', { at: count }),
    ...(await chat.embeddings({ to: count })),
  ]
  return rows.flatMap((row) => [...row])
}

const lose = () => new BroadcastChannel('loses its device').postMessage('now')

test('a device is lost in the middle of an append: the caller sees a delay; twice in a row: WASM goes on', async () => {
  const unharmed = await (await openEngine()).conversation('chat')
  for (const [count, from] of [
    [10, 0],
    [300, 10],
    [300, 310],
  ])
    await unharmed.append(turns(count, from))

  all('loses its device')
  const engine = await openEngine({ device: 'webgpu' })
  const changes: DeviceChange[] = []
  engine.onDeviceChange((change) => changes.push(change))
  const chat = await engine.conversation('chat')
  await chat.append(turns(10))

  let lost = 0
  /** Loses the device of the so-and-so-many-th worker at the first word of its append. */
  const loseThatOf = (worker: number) => () => {
    if (workers !== worker || lost === worker) return
    lost = worker
    lose()
  }
  const result = await chat.append(turns(300, 10), { onProgress: loseThatOf(1) })
  expect(result).toMatchObject({ added: 300, step: 310 })
  expect([lost, workers, engine.info.device]).toEqual([1, 2, 'webgpu'])
  expect(changes).toEqual([])
  expect(difference(await vectors(chat, 310), await vectors(unharmed, 310))).toBeLessThan(ACROSS_DEVICES)

  lose() // of the second worker, while nothing runs
  await chat.append(turns(300, 310), { onProgress: loseThatOf(3) })
  expect([lost, workers]).toEqual([3, 4])
  const reason = expect.stringMatching(/^it was lost, and after a restart again: .*destroyed/i)
  expect(changes).toEqual([{ from: 'webgpu', to: 'wasm', reason }])
  expect(engine.info).toMatchObject({ device: 'wasm', passedOver: [{ device: 'webgpu', reason }] })
  expect(await chat.info()).toMatchObject({ epoch: 3, step: 610 })
  expect(difference(await vectors(chat, 610), await vectors(unharmed, 610))).toBeLessThan(ACROSS_DEVICES)
}, 600_000)

test('a device whose kernel computes wrong numbers is refused by name, and auto goes on to the next', async () => {
  all('computes wrong numbers')
  const reason = expect.stringMatching(/^it computes wrong numbers: golden segments\[\d+\] is off by /)
  const { info } = await openEngine({ device: 'auto' })
  expect(info).toMatchObject({ device: 'wasm', passedOver: [{ device: 'webgpu', reason }] })
})

test('without WebGPU, auto takes WASM and says why', async () => {
  all('has no WebGPU')
  const reason = 'this browser has no WebGPU here'
  const { info } = await openEngine({ device: 'auto' })
  expect(info).toMatchObject({ device: 'wasm', passedOver: [{ device: 'webgpu', reason }] })
  await expect(openEngine({ device: 'webgpu' })).rejects.toMatchObject({
    name: 'NoDeviceError',
    tried: [{ device: 'webgpu', reason }],
  })
})

test.each<Fault>(['has no IndexedDB', 'may not open IndexedDB', 'cannot open IndexedDB'])(
  'a browser that %s is said to, before anything is downloaded',
  async (fault) => {
    all(fault)
    const heard = vi.fn()
    await expect(openEngine({ onProgress: heard })).rejects.toMatchObject({ name: 'StorageUnavailableError' })
    expect(heard).not.toHaveBeenCalled()
  },
)

test('a write that the browser takes half of leaves nothing of it, on disk or in the memory', async () => {
  const unharmed = await (await openEngine()).conversation('chat')
  await unharmed.append(turns(5))
  const before = await portrait(unharmed)
  await unharmed.append(turns(2, 5))

  const database = crypto.randomUUID()
  const writer = await openEngine({ database })
  await (await writer.conversation('chat')).append(turns(5))
  await writer.close()
  all('refuses to store what does not fit')
  const refused = await openEngine({ database })
  const chat = await refused.conversation('chat')
  await expect(chat.replace('m1', 'it does not fit')).rejects.toMatchObject({
    name: 'StorageUnavailableError',
  })
  expect(await portrait(chat)).toEqual(before)
  vi.unstubAllGlobals()
  const afresh = await (await openEngine({ database })).conversation('chat')
  expect(await portrait(afresh)).toEqual(before)
  await afresh.append(turns(2, 5))
  expect(await portrait(afresh)).toEqual(await portrait(unharmed))
})
