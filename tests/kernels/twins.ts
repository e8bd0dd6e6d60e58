/** The CPU twin of each op: what the kernel computes, written for reading. Sums in f64, results f32. */

import type { Call, OpName } from '../../shaders/table'
import { fromFloat16, toFloat16 } from '../../src/float16'

export type Values = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>
type Twins = { [Name in OpName]: (call: Call<Name, Values>) => void }

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const norm = (values: ArrayLike<number>) => Math.max(Math.hypot(...Array.from(values)), 1e-12)
const round = (x: number) => fromFloat16(toFloat16([x]))[0]
const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const row = (values: Values, index: number, width: number) =>
  values.subarray(index * width, (index + 1) * width)
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0)

/** Weights that sum to 1. */
function softmax(logits: number[]): number[] {
  const maximum = Math.max(...logits)
  const weights = logits.map((logit) => Math.exp(logit - maximum))
  const total = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / total)
}

export const twins: Twins = {
  attention({ reads, writes, constants: c }) {
    const width = c.width / c.heads
    const segments = reads.keys.length / (c.slots * c.key_stride)
    for (const r of range(c.rows)) {
      const step = c.step + r * c.advance
      for (const head of range(c.heads)) {
        const age = row(reads.age, head, c.capacity + 1)
        const query = row(reads.query, c.query_row + r, c.width).subarray(head * width, (head + 1) * width)
        const logits = [age[c.capacity]]
        const values: ArrayLike<number>[] = [new Float32Array(width)]
        for (const slot of range(segments * c.slots)) {
          const segment = c.base + Math.floor(slot / c.slots)
          const past = step - 1 - segment
          if (segment < 0 || past < 0 || past >= c.capacity) continue
          const key = reads.keys.subarray(slot * c.key_stride + head * width)
          const from = slot * c.value_stride + c.value_offset + head * width
          logits.push(dot(query, key) / Math.sqrt(width) + age[past])
          values.push(reads.values.subarray(from, from + width))
        }
        const weights = softmax(logits)
        const y = row(writes.y, c.y_row + r, c.width).subarray(head * width, (head + 1) * width)
        for (const i of range(width))
          y[i] = weights.reduce((sum, weight, j) => sum + weight * values[j][i], 0)
      }
    }
  },

  layer_norm({ reads, writes, constants: c }) {
    for (const r of range(c.rows)) {
      const x = Array.from(row(reads.x, c.x_row + r, c.width))
      const mean = x.reduce((a, b) => a + b, 0) / c.width
      const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / c.width
      const normed = x.map(
        (v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * reads.weight[i] + reads.bias[i],
      )
      row(writes.y, c.y_row + r, c.width).set(c.round ? normed.map(round) : normed)
    }
  },

  linear({ reads, writes, constants: c }) {
    const halves = new Uint16Array(reads.weight.buffer, reads.weight.byteOffset, reads.weight.length * 2)
    const weight = fromFloat16(halves)
    const padded = c.inner + (c.inner % 2)
    for (const r of range(c.rows)) {
      const x = row(reads.x, c.x_row + r, c.inner)
      const y = row(writes.y, c.y_row + r, c.outer)
      for (const o of range(c.outer)) {
        const sum = dot(x, row(weight, o, padded)) + reads.bias[o]
        const active = c.silu ? sum * sigmoid(sum) : sum
        const residual =
          c.residual_rows && row(reads.residual, c.residual_row + (r % c.residual_rows), c.outer)[o]
        y[o] = c.round ? round(active + residual) : active + residual
      }
    }
  },

  mean({ reads, writes, constants: c }) {
    for (const r of range(c.rows))
      for (const i of range(c.width)) {
        const values = range(c.slots).map((slot) => row(reads.x, r * c.slots + slot, c.width)[i])
        row(writes.y, r, c.width)[i] = values.reduce((a, b) => a + b, 0) / c.slots
      }
  },

  normalize({ reads, writes, constants: c }) {
    for (const r of range(c.rows)) {
      const x = row(reads.x, c.x_row + r, c.width)
      row(writes.y, c.y_row + r, c.width).set(x.map((value) => value / norm(x)))
    }
  },

  place({ reads, writes, constants: c }) {
    for (const r of range(c.rows)) {
      const t = c.step + r * c.advance
      const features = [t / (t + 2), t / (t + 8), t / (t + 32), t / (t + 128), Math.log(1 + t) / 10]
      const x = row(writes.x, r, c.width)
      for (const i of range(c.width))
        x[i] += row(reads.role, c.role, c.width)[i] + dot(features, row(reads.order, i, 5))
    }
  },

  pool({ reads, writes, constants: c }) {
    for (const r of range(c.rows)) {
      const states = range(reads.lengths[r]).map((token) => row(reads.states, r * c.columns + token, c.width))
      const position = reads.positions[r]
      const weigh = (weights: number[], into: Values) => {
        for (const i of range(c.width))
          into[i] = states.reduce((sum, state, j) => sum + weights[j] * state[i], 0)
      }
      weigh(softmax(states.map(() => 0)), row(writes.statics, position, c.width))
      for (const k of range(c.queries)) {
        const logits = states.map((state) => dot(state, row(reads.query, k, c.width)))
        weigh(softmax(logits), row(writes.summaries, position * c.queries + k, c.width))
      }
    }
  },

  query_embedding({ reads, writes, constants: c }) {
    for (const r of range(c.rows)) {
      const p = row(reads.statics, r, c.width)
      const [gain, ...rest] = row(reads.output, r, 1 + c.width + c.clock)
      const moved = Array.from(p, (value, i) => gain * value + rest[i])
      row(writes.embedding, r, 2 * c.width + c.clock).set([...p, ...moved, ...rest.slice(c.width)])
    }
  },

  segment_embedding({ reads, writes, constants: c }) {
    for (const r of range(c.rows)) {
      const p = row(reads.statics, c.static_row + r, c.width)
      const [gate, ...clock] = row(reads.output, r, 1 + c.clock)
      const context = Array.from(row(reads.context, r, c.width), (value) => sigmoid(gate) * value)
      const direction = clock.map((value) => value / norm(clock))
      row(writes.embedding, r, 2 * c.width + c.clock).set([...p, ...context, ...direction])
    }
  },
}
