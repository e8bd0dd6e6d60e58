/** Many calls at once on one engine. */

import { expect, test } from 'vitest'
import { openEngine, turns } from './engines'

test('32 calls at once are done in the order they were made', async () => {
  const engine = await openEngine()
  const chat = await engine.conversation('chat')
  const done: number[] = []
  const results = await Promise.all(
    Array.from({ length: 32 }, async (_, i) => {
      const result = await chat.append(turns(1 + (i % 3), 3 * i))
      done.push(i)
      return result
    }),
  )
  expect(done).toEqual(Array.from({ length: 32 }, (_, i) => i))
  results.reduce((step, result) => {
    expect(result.steps[0]).toBe(step)
    return result.step
  }, 0)
  const ids = (await chat.segments()).map(({ id }) => id)
  expect(ids).toEqual(
    Array.from({ length: 32 }, (_, i) => turns(1 + (i % 3), 3 * i).map(({ id }) => id)).flat(),
  )

  const searches = Array.from({ length: 32 }, (_, i) => chat.search(`garage ${i}`, { at: i + 1 }))
  const alone = await openEngine()
  const copy = await alone.import(await chat.export())
  for (const [i, hits] of (await Promise.all(searches)).entries())
    expect(hits).toEqual(await copy.search(`garage ${i}`, { at: i + 1 }))
})

test.each(import.meta.env.VITE_TEST_LONG ? [5_000, 100_000] : [5_000])(
  'of %i segments, an abort is heard within one batch: little is read after it',
  async (count) => {
    const engine = await openEngine()
    const chat = await engine.conversation('chat')
    const abort = new AbortController()
    const reported: number[] = []
    const appending = chat.append(turns(count), {
      signal: abort.signal,
      onProgress: ({ done }) => {
        reported.push(done)
        abort.abort()
      },
    })
    await expect(appending).rejects.toMatchObject({ name: 'AbortError' })
    // One batch may have been under way when the page heard of the first, and another when the worker heard of the abort.
    expect(reported.length).toBeLessThanOrEqual(3)
    expect((await chat.info()).step).toBe(0)
    await chat.append(turns(2))
    expect((await chat.segments()).length).toBe(2)
  },
)
