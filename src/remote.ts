/** The page's end of the boundary: starts the worker, notices its death, and replays calls when a device was lost. */

import './boundary'
import { proxy, wrap, type Remote as Wrapped } from 'comlink'
import { DeviceLostError, EngineClosedError, WorkerLostError } from './errors'
import type { Host } from './host'
import type { CallOptions, Calls, EngineInfo, LoadOptions, Progress } from './protocol'

export class Remote {
  /** What is loaded: of the newest worker. */
  info?: EngineInfo
  private connection?: Promise<Connection>
  private closed = false

  constructor(
    private readonly startWorker: () => Worker,
    private readonly options: LoadOptions,
  ) {}

  /** Starts the worker and loads the model, unless that is done. Calls do so themselves. */
  connect(options: CallOptions = {}): Promise<Connection> {
    if (this.closed) return Promise.reject(new EngineClosedError())
    if (this.connection) return this.connection
    this.connection = this.start(options)
    return this.connection
  }

  /**
   * Runs a call in the worker. A call that was under way when the device was lost is run again, once, on a new worker:
   * what was committed is in storage, and appending it again changes nothing.
   */
  async call<M extends keyof Calls>(
    method: M,
    args: Parameters<Calls[M]>,
    options: CallOptions = {},
  ): Promise<ReturnType<Calls[M]>> {
    for (let attempt = 0; ; attempt++) {
      options.signal?.throwIfAborted()
      const connection = await this.connect()
      options.signal?.throwIfAborted()
      try {
        return await connection.run(method, args, options)
      } catch (error) {
        if (!(error instanceof DeviceLostError)) throw error
        connection.end(error)
        if (attempt === 1) throw error
      }
    }
  }

  /** Ends the worker; calls under way reject with EngineClosedError. */
  async close(): Promise<void> {
    this.closed = true
    const connection = await this.connection?.catch(() => undefined)
    connection?.end(new EngineClosedError())
  }

  private async start(options: CallOptions): Promise<Connection> {
    const connection = new Connection(this.startWorker(), () => (this.connection = undefined))
    try {
      await connection.watch()
      this.info = await connection.run('load', [this.options], options)
      return connection
    } catch (error) {
      connection.end(error as Error)
      throw error
    }
  }
}

/** One worker, from its start to its end. */
class Connection {
  private readonly host: Wrapped<Host>
  private readonly watching = new AbortController()
  /** Rejects when the worker ends, with the reason. */
  private readonly ended: Promise<never>
  private fail!: (reason: Error) => void
  private calls = 0

  constructor(
    private readonly worker: Worker,
    private readonly onEnd: () => void,
  ) {
    this.host = wrap<Host>(worker)
    this.ended = new Promise<never>((_, reject) => (this.fail = reject))
    this.ended.catch(() => {}) // each call under way hears of it
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      this.end(new WorkerLostError(event.message || 'its script could not be loaded'))
    })
  }

  end(reason: Error): void {
    if (this.watching.signal.aborted) return
    this.watching.abort()
    this.worker.terminate()
    this.fail(reason)
    this.onEnd()
  }

  /** A worker that dies without a word lets go of its locks: who gets this one knows. */
  async watch(): Promise<void> {
    const lock = `evoembed worker ${crypto.randomUUID()}`
    await Promise.race([this.host.hold(lock), this.ended])
    navigator.locks
      .request(lock, { signal: this.watching.signal }, () => this.end(new WorkerLostError('it ended')))
      .catch(() => {}) // the watch is over
  }

  async run<M extends keyof Calls>(
    method: M,
    args: Parameters<Calls[M]>,
    { signal, onProgress }: CallOptions,
  ): Promise<ReturnType<Calls[M]>> {
    const call = ++this.calls
    const report = onProgress && proxy((progress: Progress) => tell(onProgress, progress))
    const answer = this.host.run(call, method, args, report)
    const abort = () => void this.host.abort(call)
    signal?.addEventListener('abort', abort)
    try {
      return (await Promise.race([answer, this.ended])) as ReturnType<Calls[M]>
    } catch (error) {
      throw signal?.aborted && (error as Error).name === 'AbortError' ? signal.reason : error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
}

/** What a caller's callback throws is the caller's to see, and no reason to stop. */
function tell(onProgress: (progress: Progress) => void, progress: Progress): void {
  try {
    onProgress(progress)
  } catch (error) {
    reportError(error)
  }
}
