import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidArgumentError, SegmentTooLongError } from '../../src/errors'
import { drafts, originals, pairs, split, type Draft, type Reading } from '../../src/segmenter'

/** A tokenizer of one token a letter, digit or mark, and two special ones; role and time cost tokens too. */
const reading = (maxTokens: number): Reading => ({
  maxTokens,
  encode: ({ text, role = '' }) => new Int32Array([...`${role}${text}`.replace(/\s/g, '')].length + 2),
})

const texts = (segments: Draft[]) => segments.map(({ text }) => text)

describe('drafts', () => {
  test('a Date becomes milliseconds, and nothing is made up', () => {
    expect(
      drafts([
        { id: 'a', text: 'Hi.', time: new Date(5) },
        { id: 'b', text: 'Ho.' },
      ]),
    ).toEqual([
      { id: 'a', text: 'Hi.', time: 5 },
      { id: 'b', text: 'Ho.' },
    ])
  })

  test.each([
    ['segments[1].id', { id: '', text: 'x' }],
    ['segments[1].id', { id: 'x'.repeat(257), text: 'x' }],
    ['segments[1].text', { id: 'b', text: ' \n' }],
    ['segments[1].text', { id: 'b', text: 7 }],
    ['segments[1].role', { id: 'b', text: 'x', role: 7 }],
    ['segments[1].time', { id: 'b', text: 'x', time: new Date('no date') }],
    ['segments[1].time', { id: 'b', text: 'x', time: '2024' }],
    ['segments[1].metadata.tags', { id: 'b', text: 'x', metadata: { tags: [] } }],
  ])('refuses %s of %j by name', (argument, segment) => {
    const given = [{ id: 'a', text: 'fine' }, segment] as Parameters<typeof drafts>[0]
    expect(() => drafts(given)).toThrow(InvalidArgumentError)
    expect(() => drafts(given)).toThrow(argument)
  })
})

test('pairs: two turns on two lines with their roles; a last one alone stays as it is', () => {
  const turns = drafts([
    { id: 'a', text: 'Where to?', role: 'taxi', time: 1, metadata: { topic: 'ride', leg: 1 } },
    { id: 'b', text: 'Home.', role: 'guest', time: 2, metadata: { leg: 2, paid: true } },
    { id: 'c', text: 'Right.', role: 'taxi' },
  ])
  expect(pairs(turns)).toEqual([
    {
      id: 'a+b',
      text: 'taxi: Where to?\nguest: Home.',
      time: 1,
      metadata: { topic: 'ride', leg: 1, paid: true },
    },
    turns[2],
  ])
})

describe('split', () => {
  test('no part is blank: it could not be taken elsewhere', () => {
    const text = `\n${'x'.repeat(20)}\n\n${'y'.repeat(7)} z`
    const parts = split({ id: 'a', text }, reading(6))
    expect(texts(parts).join('')).toBe(text)
    expect(texts(parts).filter((part) => !part.trim())).toEqual([])
  })

  test('a text that fits is left alone, one token more is cut at a sentence end', () => {
    const draft = { id: 'a', text: 'One two. Six ten!' }
    expect(split(draft, reading(16))).toEqual([draft])
    expect(split(draft, reading(15))).toEqual([
      { id: 'a~1', text: 'One two. ', part: { of: 'a', index: 0, count: 2 } },
      { id: 'a~2', text: 'Six ten!', part: { of: 'a', index: 1, count: 2 } },
    ])
  })

  test('a sentence too long is cut between words, a word too long inside', () => {
    expect(texts(split({ id: 'a', text: 'Ah. Well then, incomprehensibilities.' }, reading(9)))).toEqual([
      'Ah. ',
      'Well ',
      'then, ',
      'incompr',
      'ehensib',
      'ilities',
      '.',
    ])
  })

  test('role and time are counted, and a part keeps them', () => {
    const parts = split({ id: 'a', text: 'One. Two.', role: 'Bob', time: 3 }, reading(9))
    expect(parts).toMatchObject([
      { text: 'One. ', role: 'Bob', time: 3 },
      { text: 'Two.', role: 'Bob', time: 3 },
    ])
  })

  test("refuses by name: on 'refuse', and where the role alone is too long", () => {
    const refusal = new SegmentTooLongError('a', 7, 4)
    expect(() => split({ id: 'a', text: 'Hello' }, reading(4), 'refuse')).toThrow(refusal)
    expect(() => split({ id: 'a', text: 'Hi', role: 'Bob' }, reading(4))).toThrow(refusal)
  })

  test('whatever is cut, every part fits, and joined they are the text', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '.', '! ', '\n', 'é', '👩‍👧', '漢'),
      maxLength: 80,
    })
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 20 }), (text, maxTokens) => {
        const parts = split({ id: 'x', text }, reading(maxTokens))
        expect(texts(parts).join('')).toBe(text)
        for (const part of parts)
          expect(reading(maxTokens).encode(part).length).toBeLessThanOrEqual(maxTokens)
        expect(originals(parts)).toEqual([{ id: 'x', text }])
      }),
    )
  })
})
