import { expect, test } from 'vitest'
import { FORMAT, parseManifest } from '../../src/manifest'

const hash = 'a'.repeat(64)
const valid = {
  format: FORMAT,
  name: 'evo-mini',
  version: '1.0.0',
  d: 384,
  K: 8,
  C: 32,
  heads: 6,
  m: 128,
  t: 64,
  maxTokens: 256,
  rerank: { candidates: 48, floor: 0.4 },
  template: { segment: '{text}', query: '{text}', date: '{year}' },
  fusion: { lexicalWeight: 0.35 },
  late: { weight: 0.6, reach: 4, yields: 0.5 },
  reliance: { threshold: 1.5, steepness: 6 },
  calibration: { evolved: { slope: 1, intercept: 0 }, static: { slope: 1, intercept: 0 } },
  languages: ['en'],
  files: { 'onnx/read.onnx': { sha256: hash, bytes: 12 } },
  space: hash,
  golden: {
    segments: ['a'],
    queries: ['b'],
    devices: {
      wasm: { vectors: 'a.safetensors', tolerance: 0.1 },
      webgpu: { vectors: 'b', tolerance: 1e-3 },
    },
  },
}
const parse = (changes: object) => parseManifest(JSON.stringify({ ...valid, ...changes }))

test('a whole manifest is read, and what it holds besides left out', () => {
  expect(parse({ training: { seed: 1 } })).toEqual(valid)
})

test('an older format is refused by name', () => {
  expect(() => parse({ format: 8 })).toThrow(/its format is 8, which is no longer read; it must be 9/)
})

test('a newer format is refused by name, whatever else it changed', () => {
  expect(() => parseManifest('{"format": 10}')).toThrow(/evo\.json has format 10, this version reads up to 9/)
})

test.each([
  ['d', { d: undefined }, /d is missing; it must be a whole number/],
  ['K', { K: 2.5 }, /K is 2.5/],
  ['C', { C: -1 }, /C is -1/],
  ['t', { t: undefined }, /t is missing; it must be a whole number/],
  ['fusion', { fusion: {} }, /fusion\.lexicalWeight is missing; it must be a number/],
  ['late', { late: { weight: 0.6 } }, /late\.reach is missing; it must be a whole number/],
  ['the floor', { rerank: { candidates: 48 } }, /rerank\.floor is missing; it must be a number/],
  [
    'what late interaction yields',
    { late: { weight: 0.6, reach: 4 } },
    /late\.yields is missing; it must be a number/,
  ],
  ['heads', { heads: 7 }, /heads is 7, which does not divide d, 384/],
  ['golden', { golden: null }, /golden is null; it must be an object/],
  ['calibration', { calibration: { evolved: {} } }, /calibration\.evolved\.slope is missing/],
  ['files', { files: { x: { sha256: 'abc', bytes: 1 } } }, /files\.x\.sha256 is "abc"; it must be a SHA-256/],
  ['a path out of the folder', { files: { '../x': { sha256: hash, bytes: 1 } } }, /"\.\.\/x"/],
  ['another origin', { files: { 'https://x/y': { sha256: hash, bytes: 1 } } }, /"https:\/\/x\/y"/],
  ['an absolute path', { files: { '/x': { sha256: hash, bytes: 1 } } }, /"\/x"/],
])('%s: what is wrong is said by its name', (_, changes, message) => {
  expect(() => parse(changes)).toThrow(message)
})

test('a page in place of the manifest is recognised', () => {
  expect(() => parseManifest('<!doctype html>')).toThrow(/not JSON: it begins with "<!doctype html>"/)
})
