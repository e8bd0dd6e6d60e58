import { expect, test } from 'vitest'
import { mend } from '../../src/repair'
import { originals, type Draft } from '../../src/segmenter'

const part = (of: string, index: number, count: number): Draft => ({
  id: `${of}~${index + 1}`,
  text: `${index}.`,
  part: { of, index, count },
})
const whole = (id: string): Draft => ({ id, text: id })

test('what is whole is kept as it is', () => {
  const segments = [whole('a'), part('b', 0, 2), part('b', 1, 2), whole('c')]
  const { kept, dropped } = mend(segments)
  expect(dropped).toEqual([])
  kept.forEach((segment, step) => expect(segment).toBe(segments[step]))
})

test('of a long text that lost parts the others are one text, which takes in no neighbour', () => {
  const { kept, dropped } = mend([
    whole('a'),
    undefined,
    part('b', 1, 3),
    part('b', 2, 3),
    undefined,
    whole('d'),
  ])
  expect(dropped).toEqual([1, 4])
  expect(kept.map(({ part }) => part)).toEqual([
    undefined,
    { of: 'b', index: 0, count: 2 },
    { of: 'b', index: 1, count: 2 },
    undefined,
  ])
  expect(originals(kept).map(({ id, text }) => [id, text])).toEqual([
    ['a', 'a'],
    ['b', '1.2.'],
    ['d', 'd'],
  ])
})
