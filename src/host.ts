/** The worker's end of the boundary: runs the page's calls, each with its abort signal and its progress. */

import './boundary'
import { expose, releaseProxy, type Remote } from 'comlink'
import { DeviceLostError, StorageUnavailableError } from './errors'
import type { Calls, EngineInfo, LoadOptions, Progress } from './protocol'
import type { Notice } from './sharing'

/** What a call may use while it runs. */
export interface Task {
  signal: AbortSignal
  progress(progress: Progress): void
}

export type Handlers = {
  [M in keyof Calls]: (
    task: Task,
    ...args: Parameters<Calls[M]>
  ) => Promise<ReturnType<Calls[M]>> | ReturnType<Calls[M]>
}

type Report = (progress: Progress) => void

/** What the worker has once the model is loaded. */
export interface Loaded {
  info: EngineInfo
  handlers: Omit<Handlers, 'load'>
}

/** What Comlink exposes to the page. */
export interface Host {
  /** Resolves once the worker holds a Web Lock of this name: it is let go only when the worker ends. */
  hold(lock: string): Promise<void>
  run(call: number, method: keyof Calls, args: unknown[], report?: Report): Promise<unknown>
  abort(call: number): void
  /** Rejects with the loss of the device once the calls under way then are answered. None is begun after that. */
  over(): Promise<void>
  /** Takes calls of other tabs, too: from each port that the broker passes on. */
  lead(broker: MessagePort, group: string): void
}

/**
 * Answers the calls of the page, and of the other tabs that it is lent to: first `load`, then the others. A worker whose
 * device is lost takes on no more tabs, and is over once the calls under way are answered: the page then ends it. It does
 * not end itself, for the page could hear of that before it has the last answers.
 */
export function serve(load: (task: Task, options: LoadOptions) => Promise<Loaded>): void {
  let loaded: Loaded | undefined
  let lost: DeviceLostError | undefined
  let underWay = 0
  let end!: (loss: DeviceLostError) => void
  const over = new Promise<void>((_, reject) => (end = reject))
  over.catch(() => {}) // told to those who ask

  const answer = async (task: Task, method: keyof Calls, args: unknown[]): Promise<unknown> => {
    if (method === 'load') return (loaded ??= await load(task, args[0] as LoadOptions)).info
    if (!loaded) throw new Error(`${method} was called before load`)
    const handler = loaded.handlers[method] as (task: Task, ...args: unknown[]) => unknown
    return handler(task, ...args)
  }

  /** For one tab; `left` aborts its calls. */
  const hostFor = (left: AbortSignal): Host => {
    const running = new Map<number, AbortController>()
    left.addEventListener('abort', () => running.forEach((call) => call.abort()))
    return {
      hold: (lock) =>
        new Promise((resolve, reject) => {
          const untilTheEnd = () => {
            resolve()
            return new Promise<never>(() => {})
          }
          // Where the user blocks what sites store, locks are denied as IndexedDB is.
          const deny = (error: Error) =>
            reject(new StorageUnavailableError(`${error.name}: ${error.message}`))
          navigator.locks.request(lock, untilTheEnd).catch(deny)
        }),

      async run(call, method, args, report) {
        if (lost && !underWay) throw lost
        const abort = new AbortController()
        running.set(call, abort)
        underWay++
        const remoteReport = report as Remote<Report> | undefined
        let reported: Promise<void> | undefined
        const progress = (progress: Progress) => void (reported = remoteReport?.(progress))
        try {
          const result = await answer({ signal: abort.signal, progress }, method, args)
          // Progress never arrives after the result; but a tab that has left takes none.
          if (!abort.signal.aborted)
            await Promise.race([
              reported,
              new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve())),
            ])
          return result
        } catch (error) {
          if (error instanceof DeviceLostError) lost ??= error
          throw error
        } finally {
          running.delete(call)
          remoteReport?.[releaseProxy]()
          // Not before the answer was sent.
          if (!--underWay && lost) setTimeout(end, 0, lost)
        }
      },

      abort: (call) => running.get(call)?.abort(),
      over: () => over,

      lead(broker, group) {
        broker.onmessage = ({ ports: [tab] }) => {
          if (lost) return
          const left = new AbortController()
          tab.addEventListener('close', () => left.abort())
          expose(hostFor(left.signal), tab)
          tab.postMessage('here')
        }
        broker.postMessage({ group } satisfies Notice)
      },
    }
  }
  expose(hostFor(new AbortController().signal))
}
