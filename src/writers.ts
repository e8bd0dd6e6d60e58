/** One writer of a conversation at a time, in all tabs, whatever becomes of a tab. */

import { ConversationChangedError } from './errors'

/** Milliseconds between two questions to the holder of a lock, about. */
const ASK_EVERY = 2000
/** Questions without an answer after which the holder is taken for frozen. */
const PATIENCE = 5
/** Times a change is begun because someone else wrote meanwhile. */
const ATTEMPTS = 3

/** What writers tell each other, by the name of the lock: who holds it answers. */
type Message = { ask: string } | { here: string }

/**
 * A Web Lock lets one in, and a tab that is closed or dies lets go of its locks; one that is frozen keeps them. So who waits
 * asks the holder now and then whether it is there, and takes the lock from one that does not answer. That is safe, as the
 * lock only saves work: every write compares, in its own transaction, the epoch it began with. A writer that comes back when
 * someone else has written has written nothing, and begins anew on what it finds.
 */
export class Writers {
  private readonly channel: BroadcastChannel
  /** How often each lock is held here: twice when it was taken, and had again, before the first work ended. */
  private readonly held = new Map<string, number>()
  /** Who waits here, by lock. */
  private readonly waiting = new Map<string, Set<() => void>>()

  constructor(private readonly database: string) {
    this.channel = new BroadcastChannel(`evoembed writers:${database}`)
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if ('here' in data) for (const hear of this.waiting.get(data.here) ?? []) hear()
      else if (this.held.get(data.ask)) this.tell({ here: data.ask })
    }
  }

  /**
   * Runs `work` while no one else writes the conversation, and again where someone did all the same.
   * @throws ConversationChangedError when that goes on, the signal's reason while it waits
   */
  async write<T>(conversation: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.holding(`evoembed:${this.database}:${conversation}`, signal, work)
      } catch (error) {
        if (!(error instanceof ConversationChangedError) || attempt === ATTEMPTS) throw error
      }
    }
  }

  private async holding<T>(lock: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let outcome: Promise<T> | undefined
    const silence = new AbortController()
    const stopAsking = this.askHolder(lock, () => silence.abort())
    const begin = () => {
      stopAsking()
      return (outcome = this.whileHeld(lock, work))
    }
    const request = (options: LockOptions) =>
      navigator.locks.request(lock, options, begin).catch((error) => {
        if (!outcome) throw error // else the work's own, or the lock was taken: the work goes on
      })
    try {
      await request({ signal: AbortSignal.any([signal, silence.signal]) })
    } catch (error) {
      signal.throwIfAborted()
      if (!silence.signal.aborted) throw error
      this.tell({ here: lock })
      await request({ steal: true })
    } finally {
      stopAsking()
    }
    return outcome!
  }

  private async whileHeld<T>(lock: string, work: () => Promise<T>): Promise<T> {
    const count = (change: number) => this.held.set(lock, (this.held.get(lock) ?? 0) + change)
    count(1)
    try {
      return await work()
    } finally {
      count(-1)
      if (!this.held.get(lock)) this.held.delete(lock)
    }
  }

  /** Asks until told to stop, or until `onSilence`. Counts questions, not time: a machine may sleep. */
  private askHolder(lock: string, onSilence: () => void): () => void {
    let unanswered = 0
    const hear = () => (unanswered = 0)
    const others = this.waiting.get(lock) ?? new Set()
    this.waiting.set(lock, others.add(hear))
    // Not all who wait at the same moment.
    const interval = setInterval(
      () => {
        if (this.held.get(lock))
          hear() // by this worker itself, which hears no message of its own
        else if (unanswered++ === PATIENCE) onSilence()
        else this.tell({ ask: lock })
      },
      ASK_EVERY * (0.8 + 0.4 * Math.random()),
    )
    return () => {
      clearInterval(interval)
      others.delete(hear)
      if (!others.size && this.waiting.get(lock) === others) this.waiting.delete(lock)
    }
  }

  private tell(message: Message): void {
    this.channel.postMessage(message)
  }
}
