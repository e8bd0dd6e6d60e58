/**
 * The update (docs/architecture.md, "The model") on our WASM kernels and one thread: its products are too small to be
 * worth the threads' waiting for each other.
 */

import { ModelCorruptError } from '../errors'
import { fromFloat16, toFloat16 } from '../float16'
import { toFloat32, type StoredTensor } from '../safetensors'
import { loadKernels, type Kernels } from '../simd/load'
import type { Dimensions } from './backend'
import { WEIGHTS } from './files'

const EPSILON = 1e-5

interface Linear {
  /** Where weight and bias are, in f32 of the memory. */
  weight: number
  bias: number
  inner: number
  outer: number
}

interface Norm {
  weight: Float32Array
  bias: Float32Array
}

export class WasmUpdate {
  private readonly kernels: Kernels
  private readonly linears: Record<'query' | 'output' | 'up' | 'down' | 'keyValue', Linear>
  private readonly norms: Record<'attention' | 'feedforward' | 'latents', Norm>
  /** [heads, C + 1]. */
  private readonly age: Float32Array
  /** Where in the memory, in f32: [K, d], but hidden [K, 2d], logits [C * K], keys and values [C + room, K, d]. */
  private readonly at: Record<'x' | 'normed' | 'y' | 'hidden' | 'logits' | 'keys' | 'values', number>

  /**
   * @param tensors those of head.safetensors
   * @param room segments that `run` reads at most
   * @throws ModelCorruptError where a tensor is missing, or d is no multiple of 4
   */
  constructor(
    tensors: ReadonlyMap<string, StoredTensor>,
    private readonly dimensions: Dimensions,
    room: number,
  ) {
    const { d, K, C } = dimensions
    if (d % 4) throw new ModelCorruptError(WEIGHTS, `d is ${d}: the kernels take multiples of 4`)
    const values = (name: string) => {
      const tensor = tensors.get(`update.${name}`)
      if (!tensor) throw new ModelCorruptError(WEIGHTS, `tensor update.${name} is missing`)
      return toFloat32(tensor)
    }
    let end = 0
    const take = (count: number) => (end += Math.ceil(count / 4) * 4) - Math.ceil(count / 4) * 4
    const placed: [number, Float32Array][] = []
    const place = (name: string) => {
      const tensor = values(name)
      const at = take(tensor.length)
      placed.push([at, tensor])
      return at
    }
    const linear = (name: string, inner: number, outer: number) => ({
      weight: place(`${name}.weight`),
      bias: place(`${name}.bias`),
      inner,
      outer,
    })
    const norm = (name: string) => ({ weight: values(`${name}.weight`), bias: values(`${name}.bias`) })
    this.linears = {
      query: linear('attention.query', d, d),
      output: linear('attention.output', d, d),
      up: linear('feedforward.up', d, 2 * d),
      down: linear('feedforward.down', 2 * d, d),
      keyValue: linear('attention.key_value', d, 2 * d),
    }
    this.norms = {
      attention: norm('attention.norm'),
      feedforward: norm('feedforward.norm'),
      latents: norm('norm'),
    }
    this.age = values('attention.age')
    const rows = this.rows * d
    this.at = {
      x: take(rows),
      normed: take(rows),
      y: take(rows),
      hidden: take(2 * rows),
      logits: take(C * K),
      keys: take((C + room) * K * d),
      values: take((C + room) * K * d),
    }
    this.kernels = loadKernels(end)
    for (const [at, tensor] of placed) this.kernels.memory.set(tensor, at)
  }

  /**
   * Reads segments one after another, from `step` on.
   * @param rows memory rows [n, K, d]
   * @param keys and `values` [C + n, K, d]: the queue's, oldest first, and room for those of the n, which are filled in
   * @returns latents [n, K, d], rounded to f16
   */
  run(rows: Float32Array, keys: Float32Array, values: Float32Array, step: number): Float32Array {
    const { d, K, C } = this.dimensions
    const { memory } = this.kernels
    const { at } = this
    const size = K * d
    const queue = C * size
    memory.set(keys.subarray(0, queue), at.keys)
    memory.set(values.subarray(0, queue), at.values)
    const latents = new Float32Array(rows.length)
    for (let i = 0; i * size < rows.length; i++) {
      memory.set(rows.subarray(i * size, (i + 1) * size), at.x)
      const latent = this.latent(i, Math.min(step + i, C))
      latents.set(latent, i * size)
      memory.set(latent, at.normed)
      this.linear('keyValue', at.normed, at.hidden)
      for (let row = 0; row < K; row++) {
        const [key, end] = [at.hidden + row * 2 * d, at.hidden + (row + 1) * 2 * d]
        const slot = (C + i) * size + row * d
        memory.copyWithin(at.keys + slot, key, key + d)
        memory.copyWithin(at.values + slot, key + d, end)
      }
    }
    const pushed = rows.length
    keys.set(memory.subarray(at.keys + queue, at.keys + queue + pushed), queue)
    values.set(memory.subarray(at.values + queue, at.values + queue + pushed), queue)
    return latents
  }

  /** Latents of the memory rows that lie at `x`; they see the `seen` segments before slot C + i. */
  private latent(i: number, seen: number): Float32Array {
    const { d, K } = this.dimensions
    const { x, normed, y, hidden } = this.at
    const { memory } = this.kernels
    this.norm('attention', x)
    this.linear('query', normed, y)
    this.attend(i, seen)
    this.linear('output', normed, y)
    this.add(y, x)
    this.norm('feedforward', x)
    this.linear('up', normed, hidden)
    this.kernels.silu(4 * hidden, K * 2 * d)
    this.linear('down', hidden, y)
    this.add(y, x)
    this.norm('latents', x)
    return fromFloat16(toFloat16(memory.subarray(normed, normed + K * d)))
  }

  /** Queue attention of the queries at `y`, to `normed`. */
  private attend(i: number, seen: number): void {
    const { d, K, C, heads } = this.dimensions
    const { memory, dot, weigh, exponentials } = this.kernels
    const { y, normed, logits, keys, values } = this.at
    const width = d / heads
    const scale = 1 / Math.sqrt(width)
    const count = seen * K
    const first = (C + i - seen) * K * d
    for (let head = 0; head < heads; head++) {
      const ages = head * (C + 1)
      const nullLogit = this.age[ages + C]
      for (let row = 0; row < K; row++) {
        const at = row * d + head * width
        dot(4 * (y + at), 4 * (keys + first + head * width), 4 * logits, count, width, d)
        let maximum = nullLogit
        for (let segment = 0, j = logits; segment < seen; segment++) {
          const age = this.age[ages + seen - 1 - segment]
          for (const end = j + K; j < end; j++) {
            const logit = memory[j] * scale + age
            memory[j] = logit
            if (logit > maximum) maximum = logit
          }
        }
        const padded = Math.ceil(count / 4) * 4
        memory.fill(-Infinity, logits + count, logits + padded)
        const total = exponentials(4 * logits, padded, maximum) + Math.exp(nullLogit - maximum)
        weigh(4 * logits, 4 * (values + first + head * width), 4 * (normed + at), count, width, d)
        for (let j = normed + at; j < normed + at + width; j++) memory[j] /= total
      }
    }
  }

  /** Rows with those the kernel pads to. */
  private get rows(): number {
    return Math.ceil(this.dimensions.K / 4) * 4
  }

  private linear(name: keyof WasmUpdate['linears'], x: number, y: number): void {
    const { weight, bias, inner, outer } = this.linears[name]
    this.kernels.linear(4 * x, 4 * weight, 4 * bias, 4 * y, this.rows, inner, outer)
  }

  private add(y: number, to: number): void {
    const { memory } = this.kernels
    const count = this.dimensions.K * this.dimensions.d
    for (let j = 0; j < count; j++) memory[to + j] += memory[y + j]
  }

  /** Layer norm of the rows at x, to `normed`. */
  private norm(name: keyof WasmUpdate['norms'], x: number): void {
    const { d, K } = this.dimensions
    const { weight, bias } = this.norms[name]
    const { memory } = this.kernels
    for (let row = 0; row < K; row++) {
      const [from, to] = [x + row * d, this.at.normed + row * d]
      let mean = 0
      for (let j = 0; j < d; j++) mean += memory[from + j]
      mean /= d
      let variance = 0
      for (let j = 0; j < d; j++) variance += (memory[from + j] - mean) ** 2
      const scale = 1 / Math.sqrt(variance / d + EPSILON)
      for (let j = 0; j < d; j++) memory[to + j] = (memory[from + j] - mean) * scale * weight[j] + bias[j]
    }
  }
}
