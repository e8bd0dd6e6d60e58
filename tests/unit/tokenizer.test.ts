import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Tokenizer } from '../../src/tokenizer'

const file = (name: string) => readFileSync(new URL(`../fixtures/tiny-model/${name}`, import.meta.url))
const tokenizer = new Tokenizer(file('tokenizer.json'), file('tokenizer_config.json'))
const vocabulary: Record<string, number> = JSON.parse(file('tokenizer.json').toString()).model.vocab

test('a text is its word pieces between the special tokens, whatever its case', () => {
  const ids = ['[CLS]', 'where', 'is', 'the', 'canoe', '?', '[SEP]'].map((piece) => vocabulary[piece])
  expect([...tokenizer.encode('Where is the CANOE?')]).toEqual(ids)
  expect(tokenizer.count('Where is the CANOE?')).toBe(ids.length)
})

test('an empty text is the special tokens alone, a long one is not cut off', () => {
  expect([...tokenizer.encode('')]).toEqual([vocabulary['[CLS]'], vocabulary['[SEP]']])
  expect(tokenizer.encode('the canoe '.repeat(1000))).toHaveLength(2002)
})

test('what describes no tokenizer is refused by name', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(() => new Tokenizer(bytes('{'), file('tokenizer_config.json'))).toThrow(/tokenizer\.json is corrupt/)
  expect(() => new Tokenizer(bytes('{}'), file('tokenizer_config.json'))).toThrow(
    /tokenizer\.json is corrupt/,
  )
  expect(() => new Tokenizer(file('tokenizer.json'), bytes('<'))).toThrow(/tokenizer_config\.json is corrupt/)
})
