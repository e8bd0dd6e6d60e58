import { describe, expect, test } from 'vitest'
import type { DeviceChange } from '../../src/protocol'
import { Remote } from '../../src/remote'

/** A page's end to a worker that loses its device in its first so many lives. */
function remoteTo(losses: number): { remote: Remote; workers: Worker[] } {
  const workers: Worker[] = []
  const start = () => {
    workers.push(new Worker(new URL('./losingWorker.ts', import.meta.url), { type: 'module' }))
    return workers.at(-1)!
  }
  const options = { model: `${losses}`, device: 'auto', database: crypto.randomUUID() } as const
  return { remote: new Remote(start, options), workers }
}

/** Whether what is posted to a worker has the text in it. */
const isOf = (text: string, message: unknown) => JSON.stringify(message).includes(`"${text}"`)

describe('when the device is lost', () => {
  test('the call is answered all the same, by another worker', async () => {
    const { remote, workers } = remoteTo(1)
    expect(await remote.call('embed', [['four']])).toEqual([Float32Array.of(4)])
    expect(workers).toHaveLength(2)
    expect(remote.info).toMatchObject({ device: 'webgpu', deviceDescription: 'life 1' })
    await remote.close()
  })

  test('calls that only were under way then are answered too', async () => {
    const { remote, workers } = remoteTo(1)
    await remote.connect()
    const both = Promise.all([remote.call('embed', [['four']]), remote.call('embed', [['seven']])])
    expect(await both).toEqual([[Float32Array.of(4)], [Float32Array.of(5)]])
    expect(workers).toHaveLength(2)
    await remote.close()
  })

  test('what needs no device goes on to its end on the old worker', async () => {
    const { remote, workers } = remoteTo(1)
    await remote.connect()
    const name = crypto.randomUUID()
    const going = remote.call('info', [name])
    expect(await remote.call('embed', [['four']])).toEqual([Float32Array.of(4)])
    expect(workers).toHaveLength(2)
    new BroadcastChannel(name).postMessage('go on')
    await going
    expect(workers).toHaveLength(2)
    await remote.close()
  })

  test('a call that reaches the worker after that is answered by another', async () => {
    const { remote, workers } = remoteTo(1)
    await remote.connect()
    const [worker] = workers
    const post = worker.postMessage.bind(worker) as (message: unknown) => void
    worker.postMessage = (message: unknown) => void setTimeout(post, isOf('late', message) ? 200 : 0, message)
    const both = Promise.all([remote.call('embed', [['early']]), remote.call('embed', [['late']])])
    expect(await both).toEqual([[Float32Array.of(5)], [Float32Array.of(4)]])
    expect(workers).toHaveLength(2)
    await remote.close()
  })

  test('twice in a row, the engine goes on on WASM, and says so', async () => {
    const { remote, workers } = remoteTo(Infinity)
    const changes: DeviceChange[] = []
    remote.onDeviceChange((change) => changes.push(change))
    const both = Promise.all([remote.call('embed', [['four']]), remote.call('embed', [['seven']])])
    expect(await both).toEqual([[Float32Array.of(4)], [Float32Array.of(5)]])
    const reason = 'it was lost, and after a restart again: life 1 is over'
    expect(changes).toEqual([{ from: 'webgpu', to: 'wasm', reason }])
    expect(remote.info).toMatchObject({ device: 'wasm', passedOver: [{ device: 'webgpu', reason }] })
    expect(workers).toHaveLength(3)
    await remote.close()
  })
})

test('a worker that ends without a word is noticed', async () => {
  const { remote, workers } = remoteTo(0)
  await remote.connect()
  const waiting = remote.call('info', ['chat'])
  workers[0].terminate()
  await expect(waiting).rejects.toMatchObject({ name: 'WorkerLostError', reason: 'it ended' })
  expect(await remote.call('embed', [['four']])).toEqual([Float32Array.of(4)])
  await remote.close()
})

test('a worker whose script is not there is said by name', async () => {
  const start = () => new Worker('/nowhere/worker.js', { type: 'module' })
  const remote = new Remote(start, { model: '', device: 'auto', database: 'x' })
  await expect(remote.connect()).rejects.toMatchObject({ name: 'WorkerLostError' })
})
