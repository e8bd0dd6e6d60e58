import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ModelCorruptError } from '../../src/errors'
import { fromFloat16, toFloat16 } from '../../src/float16'
import { parseSafetensors, toFloat32, toHalves, type StoredTensor } from '../../src/safetensors'

interface Written {
  dtype: string
  shape: number[]
  data: Uint8Array
}

function write(tensors: Record<string, Written>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let end = 0
  for (const [name, { dtype, shape, data }] of Object.entries(tensors))
    header[name] = { dtype, shape, data_offsets: [end, (end += data.length)] }
  return file(JSON.stringify(header), ...Object.values(tensors).map(({ data }) => data))
}

function file(header: string, ...data: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(header)
  const size = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer)
  return Uint8Array.from([size, json, ...data].flatMap((part) => [...part]))
}

const reason = (bytes: Uint8Array<ArrayBuffer>) => {
  try {
    parseSafetensors('head.safetensors', bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(ModelCorruptError)
    return (error as Error).message
  }
  return 'accepted'
}

const name = fc.string({ minLength: 1 }).filter((text) => text !== '__metadata__' && text !== '__proto__')
const values = fc.float32Array({ noNaN: true })

test('what was written is read: names, shapes, values, at any alignment', () => {
  fc.assert(
    fc.property(fc.dictionary(name, values), fc.nat(7), (tensors, shift) => {
      const written = Object.entries(tensors).map(([key, data]) => [
        key,
        { dtype: 'F32', shape: [data.length], data: new Uint8Array(data.buffer) },
      ])
      const bytes = write(Object.fromEntries(written))
      const shifted = new Uint8Array(bytes.length + shift)
      shifted.set(bytes, shift)
      const parsed = parseSafetensors('f', shifted.subarray(shift))
      expect([...parsed].map(([key, tensor]) => [key, tensor.shape, toFloat32(tensor)])).toEqual(
        Object.entries(Object.fromEntries(written)).map(([key]) => [
          key,
          [tensors[key].length],
          tensors[key],
        ]),
      )
    }),
  )
})

test('half floats are widened', () => {
  const data = new Uint8Array(new Uint16Array([0x3c00, 0xc000, 0x0001]).buffer)
  const tensor = parseSafetensors('f', write({ x: { dtype: 'F16', shape: [3, 1], data } })).get('x')!
  expect([...toFloat32(tensor)]).toEqual([1, -2, 2 ** -24])
})

const codes = (...values: number[]) => new Uint8Array(Int8Array.from(values).buffer)
const rounded = (...values: number[]) => [...fromFloat16(toFloat16(values))]
const halves = (...values: number[]) => new Uint8Array(toFloat16(values).buffer)

test('codes of 8 bits are scaled by rows and rounded to f16', () => {
  const [third, tiny] = rounded(1 / 3, 2 ** -20)
  const bytes = write({
    x: { dtype: 'I8', shape: [2, 3], data: codes(127, -1, 0, -127, 3, 1) },
    'x.scales': { dtype: 'F16', shape: [2, 1], data: halves(third, tiny) },
  })
  const tensor = parseSafetensors('f', bytes).get('x') as StoredTensor<'I8'>
  const values = [127 * third, -third, 0, -127 * tiny, 3 * tiny, tiny]
  expect(rounded(127 * third)).not.toEqual([127 * third])
  expect(toHalves(tensor)).toEqual(toFloat16(values))
  expect([...toFloat32(tensor)]).toEqual(rounded(...values))
})

test('codes without the scales of their rows are refused', () => {
  const x = { dtype: 'I8', shape: [2, 3], data: codes(1, 2, 3, 4, 5, 6) }
  const scales = { dtype: 'F16', shape: [2, 1], data: halves(1, 2) }
  const refusal = (changes: object, of: object = {}) =>
    reason(write({ x: { ...x, ...of }, 'x.scales': { ...scales, ...changes } }))
  expect(refusal({})).toBe('accepted')
  expect(reason(write({ x }))).toMatch(/the scales of tensor "x" are missing, not F16 \[2,1\]/)
  expect(refusal({ shape: [1, 2] })).toMatch(/are F16 \[1,2\], not F16 \[2,1\]/)
  expect(refusal({ shape: [1, 1], data: halves(1) })).toMatch(/are F16 \[1,1\]/)
  expect(refusal({ dtype: 'F32', data: new Uint8Array(8) })).toMatch(/are F32 \[2,1\], not F16/)
  for (const wrong of [NaN, Infinity, -Infinity])
    expect(refusal({ data: halves(1, wrong) })).toMatch(/the scales of tensor "x" are not finite/)
  expect(refusal({}, { shape: [6] })).toMatch(/"x" is I8 of shape \[6\], no matrix/)
})

test('any bytes are either read or refused by name', () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => reason(new Uint8Array(bytes)).length > 0))
  fc.assert(fc.property(fc.json(), (header) => reason(file(header)).length > 0))
})

test('a hostile header is refused, naming file, tensor and what is wrong', () => {
  const entry = (fields: object) =>
    file(
      JSON.stringify({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } }),
      new Uint8Array(4),
    )
  expect(reason(entry({}))).toBe('accepted')
  expect(reason(new Uint8Array(7))).toMatch(/head\.safetensors.*7 bytes/)
  expect(reason(new Uint8Array(16).fill(255))).toMatch(/its header claims/)
  expect(reason(entry({ dtype: 'I64' }))).toMatch(/"x" has dtype "I64"; known are I8, F16, F32/)
  expect(reason(entry({ dtype: 'toString' }))).toMatch(/dtype "toString"/)
  expect(reason(entry({ data_offsets: [0, 8] }))).toMatch(/"x" lies at 0..8 of 4 bytes/)
  expect(reason(entry({ data_offsets: [4, 0] }))).toMatch(/lies at 4..0/)
  expect(reason(entry({ data_offsets: [-4, 0] }))).toMatch(/lacks/)
  expect(reason(entry({ shape: [2] }))).toMatch(/of shape \[2\] has 4 bytes, not 8/)
  expect(reason(entry({ shape: [2 ** 53] }))).toMatch(/lacks/)
  expect(reason(entry({ shape: [2 ** 40, 2 ** 40] }))).toMatch(/has 4 bytes, not/)
})
