import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checksum } from '../../src/checksum'

/** Of the reference implementation (smhasher). */
test.each([
  ['', 0, 0],
  ['', 1, 0x514e28b7],
  ['a', 0x9747b28c, 0x7fa09ea6],
  ['aa', 0x9747b28c, 0x5d211726],
  ['aaa', 0x9747b28c, 0x283e0130],
  ['aaaa', 0x9747b28c, 0x5a97808a],
  ['Hello, world!', 0x9747b28c, 0x24884cba],
])('%j with seed %d', (text, seed, expected) => {
  expect(checksum(new TextEncoder().encode(text), seed)).toBe(expected)
})

test('it is the same wherever the bytes lie, and another when any bit is flipped', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), fc.nat(), fc.nat(7), (bytes, at, bit) => {
      const shifted = new Uint8Array(bytes.length + 1)
      shifted.set(bytes, 1)
      expect(checksum(shifted.subarray(1))).toBe(checksum(bytes))
      const flipped = bytes.slice()
      flipped[at % bytes.length] ^= 1 << bit
      expect(checksum(flipped)).not.toBe(checksum(bytes))
    }),
  )
})
