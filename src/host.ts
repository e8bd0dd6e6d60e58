/** The worker's end of the boundary: runs the page's calls, each with its abort signal and its progress. */

import './boundary'
import { expose, releaseProxy, type Remote } from 'comlink'
import type { Calls, EngineInfo, LoadOptions, Progress } from './protocol'

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
  /** Rejects when nothing more can be answered: the device is lost. */
  broken: Promise<never>
}

/** What Comlink exposes to the page. */
export interface Host {
  /** Resolves once the worker holds a Web Lock of this name: it is let go only when the worker ends. */
  hold(lock: string): Promise<void>
  run(call: number, method: keyof Calls, args: unknown[], report?: Report): Promise<unknown>
  abort(call: number): void
}

/** Answers the page's calls: first `load`, then the others, each of which fails when what was loaded is broken. */
export function serve(load: (task: Task, options: LoadOptions) => Promise<Loaded>): void {
  const running = new Map<number, AbortController>()
  let loaded: Loaded | undefined

  const answer = async (task: Task, method: keyof Calls, args: unknown[]): Promise<unknown> => {
    if (method === 'load') {
      loaded = await load(task, args[0] as LoadOptions)
      loaded.broken.catch(() => {}) // told to the calls that run, or to the next one
      return loaded.info
    }
    if (!loaded) throw new Error(`${method} was called before load`)
    const handler = loaded.handlers[method] as (task: Task, ...args: unknown[]) => unknown
    return Promise.race([handler(task, ...args), loaded.broken])
  }

  const host: Host = {
    hold: (lock) =>
      new Promise((resolve, reject) => {
        const untilTheEnd = () => {
          resolve()
          return new Promise<never>(() => {})
        }
        navigator.locks.request(lock, untilTheEnd).catch(reject)
      }),

    async run(call, method, args, report) {
      const abort = new AbortController()
      running.set(call, abort)
      const remoteReport = report as Remote<Report> | undefined
      let reported: Promise<void> | undefined
      const progress = (progress: Progress) => void (reported = remoteReport?.(progress))
      try {
        const result = await answer({ signal: abort.signal, progress }, method, args)
        await reported // progress never arrives after the result
        return result
      } finally {
        running.delete(call)
        remoteReport?.[releaseProxy]()
      }
    },

    abort: (call) => running.get(call)?.abort(),
  }
  expose(host)
}
