import { expect, test } from 'vitest'
import { chart } from '../../scripts/bench/chart'
import { interleaved, ratio, spread } from '../../scripts/bench/measure'
import { figure, markdown } from '../../scripts/bench/report'
import { compared, meets, row, type Section } from '../../scripts/bench/section'
import { mixedTurns } from '../../scripts/bench/texts'

test('every round runs each variant once, and begins with another', async () => {
  const order: string[] = []
  const timings = await interleaved(3, { a: () => order.push('a'), b: () => order.push('b') })
  expect(order.join('')).toBe('abbaab')
  expect(timings.a).toHaveLength(3)
  expect(timings.b).toHaveLength(3)
})

test('a spread is the median and the middle half', () => {
  expect(spread([5, 1, 3, 2, 4])).toEqual({ median: 3, low: 2, high: 4 })
  expect(spread([1, 2])).toEqual({ median: 1.5, low: 1.25, high: 1.75 })
})

test('ratios are taken within a round, not between medians', () => {
  // Each round both take twice as long as in the one before: the ratio stays.
  expect(ratio([3, 6, 12], [1, 2, 4])).toEqual({ median: 3, low: 3, high: 3 })
})

const section: Section = {
  title: 'Ours & <theirs>',
  note: 'How.',
  rows: [
    row('ours', 'ms', [10, 10]),
    compared(
      'theirs',
      'ms',
      [20, 20],
      'ours',
      [
        [20, 20],
        [10, 10],
      ],
      { atLeast: 1.5 },
    ),
    compared(
      'slow',
      'ms',
      [12, 12],
      'ours',
      [
        [12, 12],
        [10, 10],
      ],
      { atMost: 1.1 },
    ),
  ],
}

test('a report says what is met and what is missed', () => {
  expect(section.rows.map(meets)).toEqual([undefined, true, false])
  expect(markdown([section])).toContain('| theirs | 20 ms | 2 × ours | at least 1.5: met |')
  expect(markdown([section])).toContain('| slow | 12 ms | 1.2 × ours | at most 1.1: missed |')
})

test('figures have three digits that count', () => {
  expect([1234.5, 99.96, 0.012345, 2, 0, NaN].map(figure)).toEqual(['1235', '100', '0.0123', '2', '0', '-'])
})

test('the chart is well-formed, with a bar a ratio', () => {
  const svg = chart([section])
  expect(svg.match(/<g>/g)).toHaveLength(2)
  expect(svg).toContain('Ours &#38; &#60;theirs&#62;')
  expect(svg).not.toContain('NaN')
})

test('turns are of mixed length, all different, the same each time', () => {
  const turns = mixedTurns(300)
  const lengths = turns.map(({ text }) => text.split(' ').length)
  expect(new Set(turns.map(({ text }) => text)).size).toBe(300)
  expect(Math.max(...lengths)).toBeGreaterThan(5 * spread(lengths).median)
  expect(mixedTurns(300)).toEqual(turns)
})
