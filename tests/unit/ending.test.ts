import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Ending } from '../../src/ending'

const never = () => new Promise<never>(() => {})

test('what is done before the end is what it came to', async () => {
  const ending = new Ending()
  expect(await ending.before(async () => 7)).toBe(7)
  await expect(ending.before(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
})

test('the end rejects what is under way and what comes, which is not begun, with the first reason', async () => {
  const ending = new Ending()
  const underWay = ending.before(never)
  ending.end(new Error('over'))
  ending.end(new Error('over again'))
  await expect(underWay).rejects.toThrow(/^over$/)
  let begun = false
  const late = ending.before(async () => void (begun = true))
  await expect(late).rejects.toThrow(/^over$/)
  expect(begun).toBe(false)
})

test('results are not kept until the end', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const ending = new Ending()
  const results: WeakRef<object>[] = []
  for (let i = 0; i < 100; i++) results.push(new WeakRef(await ending.before(async () => ({}))))
  await new Promise((resolve) => setTimeout(resolve)) // a WeakRef keeps its target till the end of the turn
  collect()
  expect(results.filter((result) => result.deref()).length).toBeLessThan(10)
  ending.end(new Error('over'))
})
