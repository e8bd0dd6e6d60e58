/** The worker's end of the boundary: runs the page's calls, each with its abort signal and its progress. */

import './boundary'
import { expose, releaseProxy, type Remote } from 'comlink'
import type { Calls, Progress } from './protocol'

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

/** What Comlink exposes to the page. */
export interface Host {
  /** Resolves once the worker holds a Web Lock of this name: it is let go only when the worker ends. */
  hold(lock: string): Promise<void>
  run(call: number, method: keyof Calls, args: unknown[], report?: Report): Promise<unknown>
  abort(call: number): void
}

/** Answers the page's calls; each also fails when `broken` does. */
export function serve(handlers: Handlers, broken: Promise<never>): void {
  const running = new Map<number, AbortController>()
  broken.catch(() => {}) // told to the calls that run, or to the next one

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
      const task: Task = {
        signal: abort.signal,
        progress: (progress) => void (reported = remoteReport?.(progress)),
      }
      const handler = handlers[method] as (task: Task, ...args: unknown[]) => unknown
      try {
        const result = await Promise.race([handler(task, ...args), broken])
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
