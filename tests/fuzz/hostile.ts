/** What an unfriendly world sends: texts, JSON values, segments, and changes to what was right. */

import fc, { type Arbitrary } from 'fast-check'

/** Inputs a property is given, and the seed of all. `npm run test:fuzz` sets both. */
export const seed = Number(import.meta.env.VITE_FUZZ_SEED ?? 20261124)
export const inputs = (short: number, share: number) =>
  Math.ceil(import.meta.env.VITE_FUZZ_INPUTS ? Number(import.meta.env.VITE_FUZZ_INPUTS) * share : short)

const known = [
  '',
  ' ',
  '\n\t\r',
  '\0',
  '\0\0canoe\0',
  '\ud800',
  '\udfff\ud800',
  'a\udc00b',
  '😀👩‍👩‍👧‍👦🏳️‍🌈',
  'مرحبا بالعالم',
  'שלום \u202eevil\u202c',
  '\u200b\u200d\ufeff',
  'e\u0301'.repeat(40),
  '漢字仮名交じり文。',
  '__proto__',
  'constructor',
  'toString hasOwnProperty valueOf',
  '[CLS] [SEP] [UNK] [PAD] [MASK]',
  '##s ## #',
  '<script>alert(1)</script>',
  '{text} {role}: {time} $& $1 $$',
  'NaN',
  '-0',
  '1e999',
  '../../etc/passwd',
  "'; DROP TABLE conversations; --",
  'x'.repeat(300),
  'a b '.repeat(200),
]

export const hostileText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...known),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.lorem({ maxCount: 60 }),
  fc.array(fc.constantFrom(...known), { maxLength: 6 }).map((parts) => parts.join(' ')),
)

/** Keys that reach for the prototype of all objects. */
export const hostileKey = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'length', 'then'),
  hostileText,
)

const DEEP = 'nested deep'

const hostileNumber = fc.oneof(
  fc.constantFrom(NaN, Infinity, -Infinity, 0, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308),
  fc.integer(),
  fc.double().map((number) => number + 0),
)

/** A JavaScript object whose `__proto__` is a property of its own, as JSON.parse makes it. */
function object(entries: [string, unknown][]): object {
  const made = {}
  for (const [key, value] of entries)
    Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true })
  return made
}

/** Anything JSON can say, and NaN and the like, which it says as null; now and then very deep. */
export const hostileValue: Arbitrary<unknown> = fc.oneof(
  { weight: 20, arbitrary: hostileText },
  { weight: 20, arbitrary: hostileNumber },
  { weight: 10, arbitrary: fc.constantFrom(null, undefined, true, false, [], {}) },
  { weight: 5, arbitrary: fc.array(fc.oneof(hostileText, hostileNumber), { maxLength: 5 }) },
  {
    weight: 5,
    arbitrary: fc
      .array(fc.tuple(hostileKey, fc.oneof(hostileText, hostileNumber)), { maxLength: 5 })
      .map(object),
  },
  { weight: 1, arbitrary: fc.constant(DEEP) },
)

/** As JSON.stringify, with arrays nested too deep for any recursion where DEEP stands. */
export function json(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replaceAll(JSON.stringify(DEEP), '['.repeat(2e5) + ']'.repeat(2e5))
}

/** A segment as no caller should give it, and as one may. */
export const hostileSegment: Arbitrary<any> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record(
      {
        id: fc.oneof({ weight: 9, arbitrary: hostileText }, hostileValue),
        text: fc.oneof({ weight: 9, arbitrary: hostileText }, hostileValue),
        role: fc.oneof({ weight: 4, arbitrary: hostileText }, hostileValue),
        time: fc.oneof({ weight: 4, arbitrary: fc.date({ noInvalidDate: false }) }, hostileValue),
        metadata: fc.oneof(
          {
            weight: 4,
            arbitrary: fc
              .array(fc.tuple(hostileKey, fc.oneof(hostileText, fc.integer())), { maxLength: 3 })
              .map(object),
          },
          hostileValue,
        ),
      },
      { requiredKeys: ['text'] },
    ),
  },
  hostileValue,
)

/** A value of JSON with one to three of its parts replaced, dropped, or joined by others. */
export function changed(value: unknown): Arbitrary<unknown> {
  const change = fc.record({
    way: fc.nat(),
    key: hostileKey,
    to: hostileValue,
    kind: fc.constantFrom('replace', 'replace', 'drop', 'add'),
  })
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce<unknown>((whole, { way, key, to, kind }) => {
      const walk = (part: unknown, way: number): unknown => {
        if (typeof part !== 'object' || part === null) return to
        const entries = Object.entries(part)
        if (!entries.length || (kind !== 'add' && way % 7 === 0)) return to
        const at = way % entries.length
        const deeper = Math.floor(way / entries.length)
        if (kind === 'drop' && deeper % 3 === 0) entries.splice(at, 1)
        else if (kind === 'add' && deeper % 3 === 0) entries.push([key, to])
        else entries[at] = [entries[at][0], walk(entries[at][1], deeper)]
        return Array.isArray(part) ? entries.map(([, value]) => value) : object(entries)
      }
      return walk(whole, way)
    }, value),
  )
}

/** Bytes with some of them flipped, cut off, or put behind. */
export function damaged(bytes: Uint8Array): Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc
    .record({
      flips: fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
      length: fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length)),
      more: fc.uint8Array({ maxLength: 9 }),
    })
    .map(({ flips, length, more }) => {
      const copy = Uint8Array.from(bytes)
      for (const [at, mask] of flips) copy[at] ^= mask
      return Uint8Array.from([...copy.subarray(0, length), ...more])
    })
}

/** Nothing that was read may have touched what all objects share. */
export function unpolluted(): boolean {
  return Object.keys(Object.prototype).length === 0 && !('polluted' in {})
}
