/**
 * JavaScript heaps of a tab by the DevTools protocol. Not by `measureUserAgentSpecificMemory`: it waits for all threads, up
 * to a minute, and those of ONNX Runtime sleep in a way that answers no one.
 */

import type { CDPSession, Page } from 'playwright'

export interface Heaps {
  page: number
  /** All workers whose address matches. */
  workers: number
}

type Send = (method: string, params?: object) => Promise<any>

/** Bytes in use, buffers of typed arrays included, once the garbage is collected. Shared memory is not part of it. */
export async function heaps(tab: Page, isWorker: (url: string) => boolean): Promise<Heaps> {
  const session = await tab.context().newCDPSession(tab)
  try {
    const workers = await attach(
      session,
      isWorker,
      tab.workers().filter((worker) => isWorker(worker.url())).length,
    )
    const page = await used(session.send.bind(session) as Send)
    let bytes = 0
    for (const worker of workers) bytes += await used(worker)
    return { page, workers: bytes }
  } finally {
    await session.detach()
  }
}

async function used(send: Send): Promise<number> {
  // Twice: what the first finalises, the second frees.
  for (let i = 0; i < 2; i++) await send('HeapProfiler.collectGarbage')
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await send('Runtime.getHeapUsage')
  return usedSize + embedderHeapUsedSize + backingStorageSize
}

/** Ways to `count` workers. Playwright gives sessions of pages only: messages to workers go through the page's. */
async function attach(
  session: CDPSession,
  isWorker: (url: string) => boolean,
  count: number,
): Promise<Send[]> {
  // Typings of Playwright leave these out.
  const raw = session as unknown as { send: Send; on(event: string, listener: (event: any) => void): void }
  const answers = new Map<number, (message: { result?: object; error?: { message: string } }) => void>()
  raw.on('Target.receivedMessageFromTarget', ({ message }) => {
    const answer = JSON.parse(message)
    answers.get(answer.id)?.(answer)
  })
  const sender =
    (sessionId: string): Send =>
    (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = answers.size + 1
        answers.set(id, ({ result, error }) =>
          error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
        )
        const message = JSON.stringify({ id, method, params })
        raw.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject)
      })
  const workers: Send[] = []
  const attached = new Promise<void>((resolve) => {
    if (!count) resolve()
    raw.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (isWorker(targetInfo.url) && workers.push(sender(sessionId)) === count) resolve()
    })
  })
  await raw.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
  await attached
  return workers
}
