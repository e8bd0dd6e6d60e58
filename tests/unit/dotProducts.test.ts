import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assemble, names } from '../../scripts/buildSimd'
import { dotProducts } from '../../src/dotProducts'

const values = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7 + seed))

test('dot products are those of the plain loop, at any width and stride', () => {
  const sizes = fc.record({ width: fc.integer({ min: 1, max: 70 }), beyond: fc.nat(9), count: fc.nat(40) })
  fc.assert(
    fc.property(sizes, fc.nat(1000), ({ width, beyond, count }, seed) => {
      const stride = width + beyond
      const query = values(width, seed)
      const rows = values(count * stride, seed + 1)
      // What lies behind a row's leading values must not be read as part of it.
      for (let i = 0; i < count; i++) rows.fill(NaN, i * stride + width, (i + 1) * stride)
      const scores = dotProducts(query, rows, stride)
      expect(scores).toHaveLength(count)
      for (let i = 0; i < count; i++) {
        const wanted = query.reduce((sum, value, j) => sum + value * rows[i * stride + j], 0)
        expect(Math.abs(scores[i] - wanted)).toBeLessThan(1e-5)
      }
    }),
  )
})

test.each([
  [3000, 896],
  [9000, 2],
])('%i rows of %i are more than one tile, and all are scored', (count, stride) => {
  const rows = new Float32Array(count * stride)
  for (let i = 0; i < count; i++) rows[i * stride] = i
  const scores = dotProducts(Float32Array.of(2), rows, stride)
  expect(scores).toEqual(Float32Array.from({ length: count }, (_, i) => 2 * i))
})

test('a row that the kernel has no room for is refused', () => {
  expect(() => dotProducts(new Float32Array(1), new Float32Array(5000), 5000)).toThrow(/rows of 5000 values/)
})

test.each(names)('%s.ts holds what its source says', async (name) => {
  expect(readFileSync(`src/simd/${name}.ts`, 'utf8')).toBe(await assemble(name))
})
