import { DeviceLostError } from '../errors'
import type { Backend, Queue } from './backend'

/**
 * The backend with its work done one piece at a time, in the order it is asked for: ONNX Runtime runs one session at a
 * time on a GPU. So a search waits for one batch of an append, not for all of it. Each piece fails with DeviceLostError
 * once the device is lost, also where the device never answers.
 */
export function inTurns(backend: Backend): Backend {
  let last: Promise<unknown> = Promise.resolve()
  const lost = backend.lost.then((reason) => {
    throw new DeviceLostError(backend.device, reason)
  })
  lost.catch(() => {}) // told to each piece of work
  const turn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(() => Promise.race([lost, work()]))
    last = mine.catch(() => {})
    return mine
  }
  const queueInTurns = (queue: Queue): Queue => ({
    get step() {
      return queue.step
    },
    advance: (readings, from, to) => turn(() => queue.advance(readings, from, to)),
    commit: () => queue.commit(),
    rollback: () => queue.rollback(),
    represent: (queries) => turn(() => queue.represent(queries)),
    close: () => queue.close(),
  })
  return {
    device: backend.device,
    dimensions: backend.dimensions,
    description: backend.description,
    batchTokens: backend.batchTokens,
    lost: backend.lost,
    read: (batch, into) => turn(() => backend.read(batch, into)),
    readings: (count) => backend.readings(count),
    openQueue: async (state) => queueInTurns(await turn(() => backend.openQueue(state))),
    rerank: (candidates) => turn(() => backend.rerank(candidates)),
    close: () => backend.close(),
  }
}
