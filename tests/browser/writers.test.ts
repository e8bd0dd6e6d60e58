/** One writer at a time, by real locks and messages; the clock by which holders are asked is moved on by hand. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Writers } from '../../src/writers'

const { signal } = new AbortController()
const waiting = async () =>
  (await navigator.locks.query()).pending!.filter(({ name }) => name!.includes(database))
let database: string

beforeEach(() => {
  database = crypto.randomUUID()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => void vi.useRealTimers())

/** Work that ends when it is told to. */
function work() {
  let end!: () => void
  const over = new Promise<void>((resolve) => (end = resolve))
  return { run: vi.fn(() => over), end }
}

/** Time enough to take a holder for frozen, with time to answer each question. */
async function muchLater() {
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(3000)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('who waits behind another that waited hears its holder', async () => {
  const [one, two] = [new Writers(database), new Writers(database)]
  const [first, second, third] = [work(), work(), work()]
  const writes = [one.write('chat', signal, first.run)]
  await vi.waitFor(() => expect(first.run).toHaveBeenCalled())
  writes.push(two.write('chat', signal, second.run))
  await vi.waitFor(async () => expect(await waiting()).toHaveLength(1))
  writes.push(one.write('chat', signal, third.run))
  await vi.waitFor(async () => expect(await waiting()).toHaveLength(2))
  first.end()
  await vi.waitFor(() => expect(second.run).toHaveBeenCalled())
  await muchLater()
  expect(third.run).not.toHaveBeenCalled()
  second.end()
  await vi.waitFor(() => expect(third.run).toHaveBeenCalled())
  third.end()
  await Promise.all(writes)
})

test('who does not answer loses the lock, and its work goes on', async () => {
  const frozen = new Writers(database)
  const [first, second] = [work(), work()]
  const writes = [frozen.write('chat', signal, first.run)]
  await vi.waitFor(() => expect(first.run).toHaveBeenCalled())
  ;(frozen as unknown as { channel: BroadcastChannel }).channel.onmessage = null
  writes.push(new Writers(database).write('chat', signal, second.run))
  await vi.waitFor(async () => expect(await waiting()).toHaveLength(1))
  await muchLater()
  expect(second.run).toHaveBeenCalled()
  first.end()
  second.end()
  await Promise.all(writes)
})
