import { Ending } from '../ending'
import { DeviceLostError } from '../errors'
import { settled } from '../settled'
import type { Backend, Queue } from './backend'

/**
 * The backend with its work done one piece at a time, in the order it is asked for: ONNX Runtime runs one session at a
 * time on a GPU. So a search waits for one batch of an append, not for all of it. Each piece fails with DeviceLostError
 * once the device is lost, also where the device never answers.
 */
export function inTurns(backend: Backend): Backend {
  let last: Promise<unknown> = Promise.resolve()
  const loss = new Ending()
  void backend.lost.then((reason) => loss.end(new DeviceLostError(backend.device, reason)))
  const turn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(() => loss.before(work))
    last = settled(mine) // what it came to would stay till the next
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
    batching: backend.batching,
    lost: backend.lost,
    read: (batch, into) => turn(() => backend.read(batch, into)),
    readings: (count, keep) => backend.readings(count, keep),
    openQueue: async (state) => queueInTurns(await turn(() => backend.openQueue(state))),
    rerank: (candidates) => turn(() => backend.rerank(candidates)),
    close: () => backend.close(),
  }
}
