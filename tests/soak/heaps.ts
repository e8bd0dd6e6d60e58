/**
 * JavaScript heaps of a tab by the DevTools protocol. Not by `measureUserAgentSpecificMemory`: it waits for all threads, up
 * to a minute, and those of ONNX Runtime sleep in a way that answers no one.
 */

import type { Page } from 'playwright'

/** What a heap holds once its garbage is collected. */
export interface Heap {
  /** Bytes of values, and of the buffers of typed arrays; shared memory is not part of it. */
  data: number
  /** Ports, transactions, listeners and the like, which the browser keeps outside of JavaScript. */
  browserObjects: number
}

export interface Heaps {
  page: Heap
  /** All workers whose address matches. */
  workers: Heap
}

type Send = (method: string, params?: object) => Promise<any>

/** A CDPSession as Playwright has it: its typings leave out what is used here. */
interface Session {
  send: Send
  on(event: string, listener: (event: any) => void): void
}

/**
 * What is not data. V8 compiles code, and keeps notes for it, as long as functions become hot; the browser's objects are
 * counted, for the tables that hold them keep the room that they needed while garbage was yet to be collected.
 */
const NO_DATA = new Set(['code', 'object shape', 'hidden', 'synthetic', 'native'])

const CHUNK = 'HeapProfiler.addHeapSnapshotChunk'

export async function heaps(tab: Page, isWorker: (url: string) => boolean): Promise<Heaps> {
  const session = await tab.context().newCDPSession(tab)
  try {
    const count = tab.workers().filter((worker) => isWorker(worker.url())).length
    const chunks: string[] = []
    const raw = session as unknown as Session
    raw.on(CHUNK, ({ chunk }) => chunks.push(chunk))
    const attached = await attach(raw, isWorker, count, chunks)
    const page = await heap(raw.send.bind(raw), chunks)
    const workers = { data: 0, browserObjects: 0 }
    for (const worker of attached) {
      const { data, browserObjects } = await heap(worker, chunks)
      workers.data += data
      workers.browserObjects += browserObjects
    }
    return { page, workers }
  } finally {
    await session.detach()
  }
}

/** `chunks` receives the pieces of the snapshot that is taken. */
async function heap(send: Send, chunks: string[]): Promise<Heap> {
  // Twice: what the first finalises, the second frees.
  for (let i = 0; i < 2; i++) await send('HeapProfiler.collectGarbage')
  const { backingStorageSize } = await send('Runtime.getHeapUsage')
  await send('HeapProfiler.takeHeapSnapshot')
  const { snapshot, nodes, strings } = JSON.parse(chunks.splice(0).join(''))
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field))
  const found: Heap = { data: backingStorageSize, browserObjects: 0 }
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[type][nodes[at + type]]
    if (!NO_DATA.has(kind)) found.data += nodes[at + size]
    // V8 names its own so.
    else if (kind === 'native' && !strings[nodes[at + name]].startsWith('system / ')) found.browserObjects++
  }
  return found
}

/**
 * Ways to `count` workers, whose snapshots' pieces go to `chunks`. Playwright gives sessions of pages only: messages to
 * workers go through the page's.
 */
async function attach(
  session: Session,
  isWorker: (url: string) => boolean,
  count: number,
  chunks: string[],
): Promise<Send[]> {
  const answers = new Map<number, (message: { result?: object; error?: { message: string } }) => void>()
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const answer = JSON.parse(message)
    if (answer.method === CHUNK) chunks.push(answer.params.chunk)
    else answers.get(answer.id)?.(answer)
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
        session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject)
      })
  const workers: Send[] = []
  const attached = new Promise<void>((resolve) => {
    if (!count) resolve()
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (isWorker(targetInfo.url) && workers.push(sender(sessionId)) === count) resolve()
    })
  })
  await session.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: false,
    flatten: false,
  })
  await attached
  return workers
}
