import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rely } from '../../src/reliance'
import { parseSafetensors, toFloat32 } from '../../src/safetensors'

const manifest = { d: 2, reliance: { threshold: 1.5, steepness: 6 } }
const embedded = (strength: number) => Float32Array.of(0.6, 0.8, Math.sqrt(strength), 0, 0)

test.each([
  [0, 0],
  [0.75, 1 / 65],
  [1.5, 0.5],
  [3, 64 / 65],
  [1e30, 1],
])('memory parts of squared length %d are relied on by %d', (strength, expected) => {
  const { vector, reliance } = rely(embedded(strength), manifest)
  expect(reliance).toBeCloseTo(expected, 5)
  expect([...vector.subarray(0, 2)]).toEqual([...embedded(0).subarray(0, 2)])
  expect(vector[2]).toBeCloseTo(expected * Math.sqrt(strength), strength > 1e9 ? -10 : 5)
})

test.each(['tests/fixtures/tiny-model', 'models/evo-mini'])('%s: as PyTorch has it', (folder) => {
  const sizes = JSON.parse(readFileSync(`${folder}/evo.json`, 'utf8'))
  const file = readFileSync(`${folder}/golden.wasm.safetensors`)
  const tensors = parseSafetensors('golden', new Uint8Array(file))
  const golden = (name: string) => toFloat32(tensors.get(name)!)
  const [queries, reliant, width] = [golden('queries'), golden('reliant'), 2 * sizes.d + sizes.m]
  golden('reliance').forEach((expected, i) => {
    const { vector, reliance } = rely(queries.subarray(i * width, (i + 1) * width), sizes)
    expect(reliance).toBeCloseTo(expected, 4)
    vector.forEach((value, j) => expect(value).toBeCloseTo(reliant[i * width + j], 4))
  })
})
