/** The same operations where nothing happens to them: what there is to be after each. */

import { isDeepStrictEqual } from 'node:util'
import { Browser } from './browser'
import type { Operations } from './operations'
import type { State } from './page'

export class Reference {
  private count = 0
  private state: State = { conversations: [], strays: [] }

  private constructor(
    private readonly browser: Browser,
    private readonly operations: Operations,
  ) {}

  static async start(url: string, profile: string, operations: Operations): Promise<Reference> {
    const browser = await Browser.start(url, profile, () => {})
    await browser.visit()
    await browser.open()
    return new Reference(browser, operations)
  }

  /**
   * After how many operations, of at least and at most so many, a state is what it is.
   * @throws when it is the state after none of them.
   */
  async find(state: State, atLeast: number, atMost: number): Promise<number> {
    const expected: State[] = []
    for (let count = atLeast; count <= atMost; count++) {
      await this.advance(count)
      if (isDeepStrictEqual(state, this.state)) return count
      expected.push(this.state)
    }
    throw new Error(
      `the state is that after none of ${atLeast} to ${atMost} operations\n` +
        JSON.stringify({ state, expected, operations: this.operations.slice(atLeast, atMost) }, null, 1),
    )
  }

  close(): Promise<void> {
    return this.browser.close()
  }

  private async advance(count: number): Promise<void> {
    if (count === this.count) return
    const operations = this.operations.slice(this.count, count)
    await this.browser.page.evaluate(([operations, first]) => window.damage.run(operations, first), [
      operations,
      this.count,
    ] as const)
    this.count = count
    this.state = await this.browser.state()
  }
}
