import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gpu } from '../../src/backend/gpu'
import { fromFloat16 } from '../../src/float16'
import { compare, openGpu, packed, random } from './compare'

let gpu: Gpu
beforeAll(async () => void (gpu = await openGpu()))
afterAll(() => gpu.device.destroy())

describe('pool', () => {
  test.each([
    ['one token', [1], 1, 8, 1],
    ['a width that fits nothing, ragged lengths', [5, 1, 17, 33, 16], 33, 70, 3],
    ['a width beyond the workgroup', [40, 3], 40, 384, 8],
  ])('%s', async (_, lengths, columns, width, queries) => {
    const draw = random(1)
    const count = lengths.length + 2
    await compare(
      gpu,
      'pool',
      {
        reads: {
          states: draw(lengths.length * columns * width),
          lengths: Uint32Array.from(lengths),
          positions: Uint32Array.from(lengths, (_, i) => count - 1 - i),
          query: draw(queries * width, 4),
        },
        writes: { summaries: draw(count * queries * width), statics: draw(count * width) },
        constants: { rows: lengths.length, columns, width, queries },
      },
      { absolute: 1e-5, relative: 1e-5 },
    )
  })

  test('padding is not read, whatever it holds', async () => {
    const states = random(2)(2 * 20 * 16)
    states.fill(NaN, 3 * 16, 20 * 16)
    await compare(gpu, 'pool', {
      reads: {
        states,
        lengths: Uint32Array.of(3, 20),
        positions: Uint32Array.of(0, 1),
        query: random(3)(2 * 16),
      },
      writes: { summaries: new Float32Array(2 * 2 * 16), statics: new Float32Array(2 * 16) },
      constants: { rows: 2, columns: 20, width: 16, queries: 2 },
    })
  })

  test('logits that rise by hundreds from token to token do not overflow', async () => {
    const width = 4
    const states = Float32Array.from({ length: 40 * width }, (_, i) => Math.floor(i / width) * 30)
    await compare(gpu, 'pool', {
      reads: {
        states,
        lengths: Uint32Array.of(40),
        positions: Uint32Array.of(0),
        query: new Float32Array(8).fill(1),
      },
      writes: { summaries: new Float32Array(2 * width), statics: new Float32Array(width) },
      constants: { rows: 1, columns: 40, width, queries: 2 },
    })
  })
})

describe('layer_norm', () => {
  test.each([
    [1, 1],
    [1, 64],
    [3, 70],
    [5, 129],
    [2, 384],
  ])('%i rows of %i', async (rows, width) => {
    const draw = random(rows + width)
    await compare(
      gpu,
      'layer_norm',
      {
        reads: { x: draw((rows + 2) * width, 3), weight: draw(width), bias: draw(width) },
        writes: { y: draw((rows + 4) * width) },
        constants: { rows, width, x_row: 2, y_row: 3, round: 0 },
      },
      { absolute: 1e-5, relative: 1e-5 },
    )
  })

  test('rounds to the nearest f16, ties to even, subnormals too', async () => {
    const all = fromFloat16(Uint16Array.from({ length: 0x7bff }, (_, i) => i))
    const middles = all.slice(1).map((value, i) => (value + all[i]) / 2)
    const hard = [
      ...all,
      ...middles,
      ...middles.map((m) => m * 1.0001),
      ...middles.map((m) => m * 0.9999),
      2 ** -25,
      65520,
      1e6,
    ]
    const bias = Float32Array.from([...hard, ...hard.map((value) => -value)])
    const width = bias.length
    await compare(
      gpu,
      'layer_norm',
      {
        reads: { x: new Float32Array(width), weight: new Float32Array(width), bias },
        writes: { y: new Float32Array(width) },
        constants: { rows: 1, width, x_row: 0, y_row: 0, round: 1 },
      },
      { absolute: 0, relative: 0 },
    )
  })
})

describe('linear', () => {
  test.each([
    [1, 1, 1],
    [1, 2, 33],
    [8, 64, 32],
    [9, 66, 31],
    [7, 129, 65],
    [17, 384, 129],
    [8, 768, 384],
  ])('%i rows, %i to %i', async (rows, inner, outer) => {
    const draw = random(rows * inner + outer)
    for (const [silu, residual_rows] of [
      [0, 0],
      [1, 0],
      [0, rows],
      [1, 3],
    ])
      await compare(
        gpu,
        'linear',
        {
          reads: {
            x: draw((rows + 1) * inner),
            weight: packed(draw(outer * inner, 2), inner),
            bias: draw(outer),
            residual: draw((2 + Math.max(rows, 3)) * outer),
          },
          writes: { y: draw((rows + 3) * outer) },
          constants: {
            rows,
            inner,
            outer,
            x_row: 1,
            y_row: 2,
            residual_row: 2,
            residual_rows,
            silu,
            round: 0,
          },
        },
        { absolute: 4e-5, relative: 1e-5 },
      )
  })

  test('rounds its result to f16 when asked', async () => {
    const constants = {
      rows: 3,
      inner: 2,
      outer: 40,
      x_row: 0,
      y_row: 0,
      residual_row: 0,
      residual_rows: 0,
      silu: 0,
    }
    const draw = random(9)
    await compare(
      gpu,
      'linear',
      {
        reads: {
          x: new Float32Array(6),
          weight: packed(draw(80), 2),
          bias: draw(40),
          residual: draw(40),
        },
        writes: { y: draw(120) },
        constants: { ...constants, round: 1 },
      },
      { absolute: 0, relative: 0 },
    )
  })

  test('SiLU of large values of either sign', async () => {
    const constants = { rows: 1, inner: 2, x_row: 0, y_row: 0, residual_row: 0, residual_rows: 0, round: 0 }
    const bias = Float32Array.of(-1e4, -200, -90, -80, -20, 0, 20, 90, 200, 1e4)
    await compare(gpu, 'linear', {
      reads: { x: new Float32Array(2), weight: packed(new Float32Array(20), 2), bias, residual: bias },
      writes: { y: new Float32Array(10) },
      constants: { ...constants, outer: 10, silu: 1 },
    })
  })
})

describe('attention', () => {
  interface Shape {
    rows: number
    heads: number
    headWidth: number
    slots: number
    capacity: number
    /** Of the first row, and what each row adds. */
    step: number
    advance: number
    base: number
    /** Buffer slots, in segments. */
    segments: number
  }
  const cases: [string, Shape][] = [
    [
      'an empty queue leaves the null slot',
      { rows: 2, heads: 2, headWidth: 3, slots: 2, capacity: 4, step: 0, advance: 0, base: 0, segments: 1 },
    ],
    [
      'one segment',
      { rows: 1, heads: 1, headWidth: 1, slots: 1, capacity: 1, step: 1, advance: 0, base: 0, segments: 1 },
    ],
    [
      'a queue not yet full',
      { rows: 8, heads: 3, headWidth: 10, slots: 3, capacity: 7, step: 5, advance: 0, base: 0, segments: 6 },
    ],
    [
      'a full queue',
      {
        rows: 8,
        heads: 6,
        headWidth: 8,
        slots: 8,
        capacity: 32,
        step: 40,
        advance: 0,
        base: 8,
        segments: 32,
      },
    ],
    [
      'a buffer that goes back further than the queue',
      {
        rows: 4,
        heads: 2,
        headWidth: 5,
        slots: 2,
        capacity: 5,
        step: 100,
        advance: 0,
        base: 80,
        segments: 24,
      },
    ],
    [
      'a batch of segments, each at its own step',
      { rows: 13, heads: 2, headWidth: 7, slots: 2, capacity: 4, step: 0, advance: 1, base: 0, segments: 13 },
    ],
    [
      'a batch far into a conversation',
      {
        rows: 9,
        heads: 6,
        headWidth: 64,
        slots: 8,
        capacity: 32,
        step: 1000,
        advance: 1,
        base: 968,
        segments: 41,
      },
    ],
    [
      'empty buffer slots of negative step',
      { rows: 6, heads: 2, headWidth: 4, slots: 2, capacity: 4, step: 1, advance: 1, base: -3, segments: 10 },
    ],
  ]
  test.each(cases)('%s', async (_, s) => {
    const { rows, heads, slots, capacity, step, advance, base, segments } = s
    const width = heads * s.headWidth
    const draw = random(rows + width)
    const key_values = draw(segments * slots * 2 * width, 2)
    // What no row may see: NaN would spread.
    key_values.fill(NaN, 0, Math.max(0, Math.max(0, step - capacity) - base) * slots * 2 * width)
    key_values.fill(NaN, Math.max(0, step + (rows - 1) * advance - base) * slots * 2 * width)
    await compare(
      gpu,
      'attention',
      {
        reads: {
          query: draw((rows + 1) * width, 3),
          keys: key_values,
          values: key_values,
          age: draw(heads * (capacity + 1), 2),
        },
        writes: { y: draw((rows + 3) * width) },
        constants: {
          rows,
          width,
          heads,
          slots,
          capacity,
          query_row: 1,
          y_row: 2,
          step,
          advance,
          base,
          key_stride: 2 * width,
          value_stride: 2 * width,
          value_offset: width,
        },
      },
      { absolute: 1e-5, relative: 1e-5 },
    )
  })

  test('the context: one head, keys and values in buffers of their own', async () => {
    const draw = random(5)
    const width = 70
    await compare(
      gpu,
      'attention',
      {
        reads: { query: draw(11 * width), keys: draw(20 * width), values: draw(20 * width), age: draw(9) },
        writes: { y: draw(11 * width) },
        constants: {
          rows: 11,
          width,
          heads: 1,
          slots: 1,
          capacity: 8,
          query_row: 0,
          y_row: 0,
          step: 9,
          advance: 1,
          base: 0,
          key_stride: width,
          value_stride: width,
          value_offset: 0,
        },
      },
      { absolute: 1e-5, relative: 1e-5 },
    )
  })
})

describe('represent', () => {
  test.each([
    [1, 1],
    [3, 70],
    [2, 384],
  ])('normalize: %i rows of %i, one of them zero', async (rows, width) => {
    const draw = random(width)
    const x = draw((rows + 3) * width)
    x.fill(0, (rows + 1) * width, (rows + 2) * width)
    await compare(gpu, 'normalize', {
      reads: { x },
      writes: { y: draw((rows + 2) * width) },
      constants: { rows: rows + 1, width, x_row: 1, y_row: 1 },
    })
  })

  test.each([
    [1, 1, 1],
    [3, 70, 8],
    [5, 64, 2],
  ])('mean: %i rows of %i over %i', async (rows, width, slots) => {
    const draw = random(width)
    await compare(gpu, 'mean', {
      reads: { x: draw((rows + 1) * slots * width) },
      writes: { y: draw((rows + 1) * width) },
      constants: { rows, width, slots },
    })
  })

  test.each([
    ['segments', 0, 0, 1],
    ['queries', 1, 7, 0],
    ['far on', 0, 100_000, 1],
  ])('place: %s', async (_, role, step, advance) => {
    const draw = random(6)
    await compare(gpu, 'place', {
      reads: { role: draw(2 * 70), order: draw(70 * 5) },
      writes: { x: draw(6 * 70) },
      constants: { rows: 5, width: 70, role, step, advance },
    })
  })

  test.each([
    [1, 2, 1],
    [3, 70, 13],
    [2, 384, 130],
  ])('embeddings: %i rows, d %i, m %i', async (rows, width, clock) => {
    const draw = random(7)
    const embedding = 2 * width + clock
    await compare(gpu, 'segment_embedding', {
      reads: {
        statics: draw((rows + 1) * width),
        context: draw(rows * width),
        output: draw(rows * (1 + clock)),
      },
      writes: { embedding: draw((rows + 1) * embedding) },
      constants: { rows, width, clock, static_row: 1 },
    })
    await compare(gpu, 'query_embedding', {
      reads: { statics: draw(rows * width), output: draw(rows * (1 + width + clock)) },
      writes: { embedding: draw((rows + 1) * embedding) },
      constants: { rows, width, clock },
    })
  })
})

test('a batch the device refuses is an error that says why', async () => {
  const small = gpu.device.createBuffer({ size: 4, usage: GPUBufferUsage.COPY_SRC })
  const batch = gpu.batch()
  batch.run('mean', { reads: { x: small }, writes: { y: small }, constants: { rows: 1, width: 1, slots: 1 } })
  await expect(batch.submit()).rejects.toThrow(/WebGPU: .*usage/i)
})

test('a lost device is an error by name', async () => {
  const other = await openGpu()
  const buffer = other.take(4)
  const work = other.batch().submit({ buffer, count: 1 })
  other.device.destroy()
  await expect(work).rejects.toMatchObject({ name: 'DeviceLostError', device: 'webgpu' })
})
