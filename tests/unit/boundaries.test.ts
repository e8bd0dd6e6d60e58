import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundaries, type Grain } from '../../src/boundaries'

const whole = (text: string, granularity: Grain) =>
  Array.from(
    new Intl.Segmenter(undefined, { granularity }).segment(text),
    ({ index, segment }) => index + segment.length,
  )
const piece = fc.constantFrom(
  'The canoe is here. ',
  'Where? ',
  'now ',
  '👩‍👩‍👧‍👦',
  'é',
  '\n',
  '\ud800',
  "can't ",
  'x'.repeat(3000),
)
const long = fc.array(piece, { minLength: 50, maxLength: 300 }).map((pieces) => pieces.join(''))

test.each<Grain>(['sentence', 'word', 'grapheme'])(
  'each %s ends where the browser says, however long the text',
  (grain) => {
    fc.assert(
      fc.property(long, (text) => {
        expect(boundaries(text, grain)).toEqual(whole(text, grain))
      }),
      { numRuns: 5 },
    )
  },
)

test('an emoji or a word that a window cuts ends where it ends', () => {
  for (let before = 2020; before < 2060; before++) {
    const text = `${'a '.repeat(before / 2)}${before % 2 ? 'b' : ''}👩‍👩‍👧‍👦can't stop. ${'c '.repeat(200)}`
    for (const grain of ['word', 'grapheme'] as const)
      expect(boundaries(text, grain)).toEqual(whole(text, grain))
  }
})

test('a text has no end before its own', () => {
  expect(boundaries('', 'word')).toEqual([])
  expect(boundaries('a'.repeat(1e6), 'word')).toEqual([1e6])
})
