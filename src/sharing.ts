/**
 * One loaded model for all tabs. Tabs that want the same engine are a group; the one that holds the group's Web Lock leads:
 * it starts the worker. The others send it ports, through the broker, and talk to that worker as if it were their own. When
 * the leader is gone its lock is free, and whoever gets it leads. Nothing depends on there being one leader only: storage
 * has locks and epochs of its own.
 */

import { transfer, type Endpoint, type Remote } from 'comlink'
import type { Host } from './host'

/** A way to a worker. */
export interface Access {
  readonly endpoint: Endpoint
  /** Whether it is another tab's, and ends with that tab. */
  readonly borrowed: boolean
  /** Lets the other tabs of the group in: once the model is loaded. */
  lead(host: Remote<Host>): Promise<void>
  /** Ends the worker, or the way to another tab's. */
  end(): void
}

/** What a tab tells the broker: that its worker leads, or a port that the leader's is to listen to. */
export interface Notice {
  group: string
  offer?: MessagePort
}

export function ownWorker(worker: Worker): Access {
  return { endpoint: worker, borrowed: false, lead: async () => {}, end: () => worker.terminate() }
}

/** Whether tabs can share here: Chrome on Android, for one, has no SharedWorker. */
export const canShare = typeof SharedWorker !== 'undefined'

/**
 * The worker of the group's leader, or, where there is none, a worker of this tab's own that leads.
 * @throws the signal's reason
 */
export async function sharedWorker(group: string, start: () => Access, signal: AbortSignal): Promise<Access> {
  const broker = new SharedWorker(new URL('../workers/broker.worker.ts', import.meta.url), {
    type: 'module',
    name: 'evoembed',
  })
  const found = await find(group, broker, signal)
  if (found === 'alone') return start()
  if ('port' in found) return borrowedWorker(found.port)
  const own = start()
  return {
    ...own,
    lead: (host) => host.lead(transfer(broker.port, [broker.port]), group),
    end() {
      own.end()
      found.resign()
    },
  }
}

type Found = { port: MessagePort } | { resign: () => void } | 'alone'

/** A port to the leader's worker, or the lead, whichever is to be had first; alone where the broker's script is missing. */
async function find(group: string, broker: SharedWorker, signal: AbortSignal): Promise<Found> {
  const news = new BroadcastChannel(group)
  const over = new AbortController()
  const unanswered = new Set<MessagePort>()
  try {
    return await new Promise<Found>((resolve, reject) => {
      const offer = () => {
        const { port1, port2 } = new MessageChannel()
        unanswered.add(port1)
        port1.onmessage = () => {
          if (over.signal.aborted) return
          over.abort()
          unanswered.delete(port1)
          resolve({ port: port1 })
        }
        broker.port.postMessage({ group, offer: port2 } satisfies Notice, [port2])
      }
      const lead = () =>
        new Promise<void>((resign) => {
          if (over.signal.aborted) return resign()
          over.abort()
          resolve({ resign })
        })
      broker.onerror = () => resolve('alone')
      signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal })
      signal.throwIfAborted()
      navigator.locks.request(group, { signal: over.signal }, lead).catch(() => {}) // another leads
      news.onmessage = offer
      offer()
    })
  } finally {
    over.abort()
    news.close()
    for (const port of unanswered) port.close()
  }
}

function borrowedWorker(port: MessagePort): Access {
  return { endpoint: port, borrowed: true, lead: async () => {}, end: () => port.close() }
}
