import { expect, test } from 'vitest'
import { loadKernels } from '../../src/simd/load'

const { memory, silu, exponentials } = loadKernels(4096)

test('exponentials are within 3e-7 of their value, and summed', () => {
  const values = Float32Array.from({ length: 2000 }, (_, i) => 3 - i * 0.0413)
  memory.set(values)
  const sum = exponentials(0, values.length, 3)
  let wanted = 0
  for (const [i, value] of values.entries()) {
    const exact = Math.exp(Math.fround(value - 3))
    wanted += exact
    expect(Math.abs(memory[i] / exact - 1), `e^(${value} - 3)`).toBeLessThan(3e-7)
  }
  expect(sum).toBeCloseTo(wanted, 4)
})

test('what is masked with -Infinity weighs nothing', () => {
  memory.set([0, -Infinity, -Infinity, 0])
  expect(exponentials(0, 4, 0)).toBe(2)
  expect(memory[1]).toBeLessThan(1e-37)
})

test('SiLU is x / (1 + e^-x), at both ends too', () => {
  const values = Float32Array.from({ length: 800 }, (_, i) => (i - 400) / 4)
  memory.set(values)
  silu(0, values.length)
  for (const [i, value] of values.entries())
    expect(Math.abs(memory[i] - value / (1 + Math.exp(-value))), `${value}`).toBeLessThan(1e-5)
})
