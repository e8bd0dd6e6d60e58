/** Runs an op on the GPU and on its CPU twin, and compares all they wrote. */

import { expect } from 'vitest'
import { table, type Call, type OpName } from '../../shaders/table'
import { Gpu } from '../../src/backend/gpu'
import { toFloat16 } from '../../src/float16'
import { twins, type Values } from './twins'

export interface Tolerance {
  absolute: number
  relative: number
}

let shared: Promise<Gpu> | undefined

/** Uniform in -1..1, the same on every run. */
export function random(seed: number) {
  let state = seed * 2654435761 + 12345
  return (count: number, scale = 1) =>
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state / 2 ** 31 - 1) * scale
    })
}

/** A weight matrix [outer, inner] as the linear op takes it: rows of pairs of f16. */
export function packed(weight: Float32Array, inner: number): Uint32Array<ArrayBuffer> {
  const padded = inner + (inner % 2)
  const rows = weight.length / inner
  const halves = new Uint16Array(rows * padded)
  for (let r = 0; r < rows; r++)
    halves.set(toFloat16(weight.subarray(r * inner, (r + 1) * inner)), r * padded)
  return new Uint32Array(halves.buffer)
}

export async function openGpu(): Promise<Gpu> {
  const adapter = await navigator.gpu.requestAdapter()
  if (!adapter) throw new Error('no WebGPU adapter: the kernels cannot be tested')
  return new Gpu(await adapter.requestDevice())
}

/** Every element must be within absolute + relative * |twin's|; stops after ten that are not. */
export function expectClose(
  name: string,
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  near: Tolerance,
) {
  expect(actual.length, `length of ${name}`).toBe(wanted.length)
  const wrong: string[] = []
  for (let i = 0; i < wanted.length && wrong.length < 10; i++)
    if (
      actual[i] !== wanted[i] &&
      !(Math.abs(actual[i] - wanted[i]) <= near.absolute + near.relative * Math.abs(wanted[i]))
    )
      wrong.push(`${name}[${i}]: ${actual[i]}, wanted ${wanted[i]}`)
  expect(wrong).toEqual([])
}

/** `writes` hold what is there before; what the op leaves alone must stay. */
export async function compare<Name extends OpName>(
  name: Name,
  call: Call<Name, Values>,
  near: Tolerance = { absolute: 2e-6, relative: 2e-6 },
) {
  const gpu = await (shared ??= openGpu())
  const inputs = Object.entries<Values>(call.reads)
  const outputs = Object.entries<Values>(call.writes)
  const buffers = Object.fromEntries(
    [...inputs, ...outputs].map(([key, values]) => [key, gpu.upload(values)]),
  )
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((key) => [key, buffers[key]]))
  const { reads, writes } = table[name]
  const batch = gpu.batch()
  batch.run(name, { reads: pick(reads), writes: pick(writes), constants: call.constants } as Call<
    Name,
    GPUBuffer
  >)
  const results = await batch.submit(
    ...outputs.map(([key, { length }]) => ({ buffer: buffers[key], count: length })),
  )
  gpu.release(...Object.values(buffers))

  twins[name](call)
  outputs.forEach(([key, wanted], i) => expectClose(`${name} ${key}`, results[i], wanted, near))
}
