/** The update on our WASM kernels, against PyTorch: tests/fixtures/README.md. */

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { WasmUpdate } from '../../src/backend/wasmUpdate'
import { parseSafetensors, toFloat32 } from '../../src/safetensors'

const read = (path: string) => parseSafetensors(path, new Uint8Array(readFileSync(`tests/fixtures/${path}`)))
const sizes = JSON.parse(readFileSync('tests/fixtures/tiny-model/evo.json', 'utf8'))
const update = new WasmUpdate(read('tiny-model/head.safetensors'), sizes, 64)
const parity = read('parity.safetensors')
const { C, K, d } = sizes
const size = K * d

/** Rounded to f16, or computed from what is: the last bit may fall either way. */
const ROUNDED = 4e-3

const cases = [...parity.keys()].flatMap((name) => /^memory_update\/(.*)\/rows$/.exec(name)?.[1] ?? [])

function expectClose(actual: Float32Array, wanted: Float32Array, near: number) {
  expect(actual).toHaveLength(wanted.length)
  for (const [i, value] of wanted.entries()) expect(Math.abs(actual[i] - value), `[${i}]`).toBeLessThan(near)
}

test.each(cases)('one step, %s, gives what PyTorch gives', (name) => {
  const tensor = (part: string) => toFloat32(parity.get(`memory_update/${name}/${part}`)!)
  const keys = new Float32Array((C + 1) * size)
  const values = new Float32Array((C + 1) * size)
  keys.set(tensor('keys'))
  values.set(tensor('values'))
  const latents = update.run(tensor('rows'), keys, values, tensor('count')[0])
  expectClose(latents, tensor('latents'), ROUNDED)
  expectClose(keys.subarray(C * size), tensor('key'), ROUNDED)
  expectClose(values.subarray(C * size), tensor('value'), ROUNDED)
})

test('steps of one run read the queue as single steps do, beyond a full queue', () => {
  const count = C + 7
  const rows = Float32Array.from({ length: count * size }, (_, i) => Math.sin(i * 1.3))
  const [keys, values] = [new Float32Array((C + count) * size), new Float32Array((C + count) * size)]
  const latents = update.run(rows, keys, values, 0)
  const [oneKeys, oneValues] = [new Float32Array((C + 1) * size), new Float32Array((C + 1) * size)]
  for (let i = 0; i < count; i++) {
    const one = update.run(rows.subarray(i * size, (i + 1) * size), oneKeys, oneValues, i)
    expect(one).toEqual(latents.subarray(i * size, (i + 1) * size))
    expect(oneKeys.subarray(C * size)).toEqual(keys.subarray((C + i) * size, (C + i + 1) * size))
    for (const window of [oneKeys, oneValues]) window.copyWithin(0, size)
  }
})
