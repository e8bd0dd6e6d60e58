import { describe, expect, test } from 'vitest'
import { Template } from '../../src/template'

const template = new Template({
  segment: '{time}\n{role}: {text}',
  query: '{text}',
  date: '{hour}:{minute} {half} on {day} {month}, {year}',
})

describe('a segment is rendered with what is given', () => {
  const time = Date.UTC(2023, 4, 8, 13, 56)
  test.each([
    [{ text: 'Hi.' }, 'Hi.'],
    [{ text: 'Hi.', role: 'Bob' }, 'Bob: Hi.'],
    [{ text: 'Hi.', role: '' }, 'Hi.'],
    [{ text: 'Hi.', time }, '1:56 pm on 8 May, 2023\nHi.'],
    [{ text: 'Hi.', role: 'Bob', time }, '1:56 pm on 8 May, 2023\nBob: Hi.'],
    [{ text: '$& {role} {time}', role: '{text}$1' }, '{text}$1: $& {role} {time}'],
  ])('%j', (segment, rendered) => expect(template.segment(segment)).toBe(rendered))
})

test.each([
  [Date.UTC(2024, 0, 1, 0, 5), '12:05 am on 1 January, 2024'],
  [Date.UTC(2024, 11, 31, 12, 0), '12:00 pm on 31 December, 2024'],
  [0, '12:00 am on 1 January, 1970'],
])('time %d', (time, rendered) => expect(template.segment({ text: 'x', time })).toBe(`${rendered}\nx`))

test('a query is its text', () => expect(template.query('Where {role}?')).toBe('Where {role}?'))
