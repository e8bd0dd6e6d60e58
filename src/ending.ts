/**
 * Something that others wait on, and that may end before they are done. Not `Promise.race` with the end: a promise that is
 * pending for long keeps all that was ever raced with it, results included.
 */
export class Ending {
  private readonly waiting = new Set<(reason: unknown) => void>()
  private over?: { reason: unknown }

  /** Rejects what is under way, and what comes, with the reason. The first reason holds. */
  end(reason: unknown): void {
    this.over ??= { reason }
    for (const reject of this.waiting) reject(this.over.reason)
  }

  /** What `work` comes to, unless the end is before it. It is not begun after the end. */
  async before<T>(work: () => Promise<T>): Promise<T> {
    if (this.over) throw this.over.reason
    let mine!: (reason: unknown) => void
    try {
      return await new Promise<T>((resolve, reject) => {
        this.waiting.add((mine = reject))
        work().then(resolve, reject)
      })
    } finally {
      this.waiting.delete(mine)
    }
  }
}
