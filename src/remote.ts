/** The page's end of the boundary: finds a worker, notices its death, and runs calls again where that is safe. */

import './boundary'
import { proxy, wrap, type Remote as Wrapped } from 'comlink'
import { Ending } from './ending'
import {
  DeviceLostError,
  EngineClosedError,
  InvalidArgumentError,
  NoDeviceError,
  WorkerLostError,
} from './errors'
import type { Host } from './host'
import type { CallOptions, Calls, DeviceChange, EngineInfo, LoadOptions, Progress } from './protocol'
import { ownWorker, sharedWorker, type Access } from './sharing'

/** The worker ended for a reason that says nothing of the calls under way. */
class Interrupted extends WorkerLostError {}

/** Calls that, once done, cannot be told from another's doing: not run again where it is unknown whether they were done. */
const ONCE: ReadonlySet<keyof Calls> = new Set(['fork', 'import', 'delete'])

/** How often a call is run again. A call that itself ends each worker it is run on must come to an end. */
const MAX_INTERRUPTIONS = 5

export class Remote {
  /** What is loaded: of the newest worker. */
  info?: EngineInfo
  private connecting?: Promise<Connection>
  /** What `connecting` came to, while it lasts. */
  private current?: Connection
  private closed = false
  private readonly listeners = new Set<(change: DeviceChange) => void>()
  /** The device that was lost twice in a row, and how. */
  private givenUp: EngineInfo['passedOver'] = []
  /** Settles when the page is no longer frozen. */
  private thawed: Promise<unknown> = Promise.resolve()
  /** Ends what is under way to and in the worker, with the reason. */
  private interruption = new AbortController()

  /** `group`: tabs that give the same one share a worker. */
  constructor(
    private readonly startWorker: () => Worker,
    private readonly options: LoadOptions,
    private readonly group?: string,
  ) {
    document.addEventListener('freeze', this.freeze)
  }

  /** Returns how to stop. */
  onDeviceChange(listener: (change: DeviceChange) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Finds or starts a worker and loads the model, unless that is done. Calls do so themselves. */
  connect(options: CallOptions = {}): Promise<Connection> {
    if (this.closed) return Promise.reject(new EngineClosedError())
    if (this.connecting) return this.connecting
    const connecting = this.start(options)
    connecting.catch(() => (this.connecting = undefined))
    return (this.connecting = connecting)
  }

  /**
   * Runs a call in the worker. Where it fails because the device was lost, it has written nothing and is run again on
   * another worker; where that one loses its device too, on WASM. Calls to another tab's worker are run again when that tab
   * is gone, and all when the page was frozen.
   */
  async call<M extends keyof Calls>(
    method: M,
    args: Parameters<Calls[M]>,
    options: CallOptions = {},
  ): Promise<ReturnType<Calls[M]>> {
    for (let losses = 0, interruptions = 0; ;) {
      let connection: Connection | undefined
      try {
        connection = await unlessAborted(this.connect(), options.signal)
        return await connection.run(method, args, options)
      } catch (error) {
        const goneAfterLoss = losses && !this.givenUp.length && error instanceof NoDeviceError
        if (error instanceof DeviceLostError || goneAfterLoss) {
          connection?.retire()
          if (++losses > 1) this.giveUpDevice(error)
        } else {
          const again =
            error instanceof Interrupted && !ONCE.has(method) && ++interruptions <= MAX_INTERRUPTIONS
          if (!again) throw error
        }
      }
    }
  }

  /** Ends the worker; calls under way reject with EngineClosedError. */
  async close(): Promise<void> {
    this.closed = true
    document.removeEventListener('freeze', this.freeze)
    this.interrupt(new EngineClosedError())
    await this.connecting?.catch(() => {})
  }

  private async start(options: CallOptions): Promise<Connection> {
    for (;;) {
      await this.thawed
      if (this.closed) throw new EngineClosedError()
      try {
        return await this.open(options)
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error
      }
    }
  }

  private async open(options: CallOptions): Promise<Connection> {
    const { signal: interrupted } = this.interruption
    const signal = options.signal ? AbortSignal.any([options.signal, interrupted]) : interrupted
    const start = () => ownWorker(this.startWorker())
    const load = this.givenUp.length ? { ...this.options, device: 'wasm' as const } : this.options
    const group = this.group && this.group + (this.givenUp.length ? ' given up for wasm' : '')
    const access = group ? await sharedWorker(group, start, signal) : start()
    const connection = new Connection(access, () => {
      if (this.current === connection) this.current = this.connecting = undefined
    })
    interrupted.addEventListener('abort', () => connection.end(interrupted.reason))
    try {
      signal.throwIfAborted()
      await unlessAborted(connection.watch(), signal)
      const info = await connection.run('load', [load], options)
      this.become({ ...info, passedOver: [...this.givenUp, ...info.passedOver] })
      await connection.lead()
      return (this.current = connection)
    } catch (error) {
      connection.end(error as Error)
      throw error
    }
  }

  private giveUpDevice(error: DeviceLostError | NoDeviceError): void {
    const { device } = this.info!
    if (device === 'wasm') return
    const how =
      error instanceof DeviceLostError ? `again: ${error.reason}` : `could not be had again: ${error.message}`
    this.givenUp = [{ device, reason: `it was lost, and after a restart ${how}` }]
  }

  private become(info: EngineInfo): void {
    const from = this.info?.device
    this.info = info
    if (!from || from === info.device) return
    const reason = info.passedOver.find(({ device }) => device === from)?.reason ?? 'it was lost'
    for (const listener of this.listeners) tell(listener, { from, to: info.device, reason })
  }

  /** Frozen, the worker would keep its locks from the other tabs: it ends, and calls under way go on afterwards. */
  private readonly freeze = () => {
    this.thawed = new Promise((resolve) => document.addEventListener('resume', resolve, { once: true }))
    this.interrupt(new Interrupted('the page was frozen'))
  }

  private interrupt(reason: Error): void {
    const { interruption } = this
    this.interruption = new AbortController()
    interruption.abort(reason)
  }
}

/** The way to one worker, from its start to its end. */
class Connection {
  private readonly host: Wrapped<Host>
  private readonly watching = new AbortController()
  /** Of the worker, or of the way to it. */
  private readonly ending = new Ending()
  private calls = 0

  constructor(
    private readonly access: Access,
    private readonly onEnd: () => void,
  ) {
    this.host = wrap<Host>(access.endpoint)
    access.endpoint.addEventListener('close', () => this.end(this.gone()))
    access.endpoint.addEventListener('error', (event) => {
      ;(event as Event).preventDefault()
      this.end(
        new WorkerLostError(
          (event as ErrorEvent).message ||
            'its script could not be loaded; how a bundler finds it is in the README',
        ),
      )
    })
  }

  /**
   * Takes no more calls; those under way go on, as one may just be writing. The worker, its device lost, is over after
   * them.
   */
  retire(): void {
    this.onEnd()
  }

  end(reason: Error): void {
    if (this.watching.signal.aborted) return
    this.watching.abort()
    this.access.end()
    this.ending.end(reason)
    this.onEnd()
  }

  /**
   * A worker whose device is lost says when it is over. One that dies without a word lets go of its locks: who gets this
   * one knows.
   */
  async watch(): Promise<void> {
    const lock = `evoembed worker ${crypto.randomUUID()}`
    await this.ending.before(() => this.host.hold(lock))
    this.host.over().catch((loss: Error) => this.end(loss))
    navigator.locks
      .request(lock, { signal: this.watching.signal }, () => this.end(this.gone()))
      .catch(() => {}) // the watch is over
  }

  private gone(): Error {
    return this.access.borrowed
      ? new Interrupted('the tab that it was shared with is gone')
      : new WorkerLostError('it ended')
  }

  /** Lets other tabs use the worker, where it is this tab's and to be shared. */
  async lead(): Promise<void> {
    await this.ending.before(() => this.access.lead(this.host))
  }

  async run<M extends keyof Calls>(
    method: M,
    args: Parameters<Calls[M]>,
    { signal, onProgress }: CallOptions,
  ): Promise<ReturnType<Calls[M]>> {
    signal?.throwIfAborted()
    const call = ++this.calls
    const report = onProgress && proxy((progress: Progress) => tell(onProgress, progress))
    const abort = () => void this.host.abort(call)
    signal?.addEventListener('abort', abort)
    try {
      return (await this.ending.before(() => this.host.run(call, method, args, report))) as ReturnType<
        Calls[M]
      >
    } catch (error) {
      const { name } = error as Error
      if (name === 'DataCloneError')
        throw new InvalidArgumentError(method, args, 'plain values: no functions, no proxies of a framework')
      throw signal?.aborted && name === 'AbortError' ? signal.reason : error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
}

/** What `work` comes to, or the signal's reason, whichever is first. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  signal.throwIfAborted()
  const ending = new Ending()
  const abort = () => ending.end(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await ending.before(() => work)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** What a caller's callback throws is the caller's to see, and no reason to stop. */
export function tell<T>(callback: (news: T) => void, news: T): void {
  try {
    callback(news)
  } catch (error) {
    reportError(error)
  }
}
