/**
 * The conversations that are open in this worker. Let go of are those that hold nothing and, when all take too much room,
 * the least used ones.
 */

import type { Reader } from './heldConversation'
import { OpenConversation, type Surroundings } from './openConversation'

/** Of vectors. What is let go of is read from storage when it is used again. */
const MAX_BYTES = 256e6
/** Memories on the device, 7 to 13 MB each, that are kept between calls. */
const MAX_IDLE = 8

export class Conversations {
  /** Least recently used first. */
  private readonly open = new Map<string, { conversation: OpenConversation; calls: number }>()

  constructor(
    private readonly reader: Reader,
    private readonly around: Surroundings,
  ) {}

  async use<T>(name: string, work: (conversation: OpenConversation) => Promise<T>): Promise<T> {
    const entry = this.open.get(name) ?? {
      conversation: new OpenConversation(name, this.reader, this.around),
      calls: 0,
    }
    this.open.delete(name)
    this.open.set(name, entry)
    entry.calls++
    try {
      return await work(entry.conversation)
    } finally {
      entry.calls--
      this.tidy()
    }
  }

  private tidy(): void {
    let bytes = 0
    for (const { conversation } of this.open.values()) bytes += conversation.bytes
    for (const [name, { conversation, calls }] of this.open) {
      const isEmpty = conversation.bytes === 0
      if (calls || (bytes <= MAX_BYTES && !isEmpty)) continue
      bytes -= conversation.bytes
      conversation.close()
      this.open.delete(name)
    }
    const idle = [...this.open.values()].filter(({ calls }) => !calls)
    for (const { conversation } of idle.slice(0, -MAX_IDLE)) conversation.rest()
  }
}
