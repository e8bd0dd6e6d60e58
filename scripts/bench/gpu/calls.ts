/** The head's ops at the sizes they have in use, each with what it must move and compute. */

import type { OpName } from '../../../shaders/table'
import { projectedWidth, type Dimensions } from '../../../src/backend/backend'

export interface OpCall {
  title: string
  op: OpName
  constants: Record<string, number>
  /** Bytes of each binding, in the table's order. */
  buffers: number[]
  /** That must be read or written once. */
  bytes: number
  operations: number
}

const F32 = 4
const F16 = 2

/** Segments represented at once, tokens of each. */
const SEGMENTS = 64
const TOKENS = 32

export function calls({ d, K, C, heads, m, t }: Dimensions): OpCall[] {
  return [
    linear('update: query, of 64 segments at once', SEGMENTS * K, d, d),
    attention('update: attention of one segment', K, K * C, heads),
    linear('update: output', K, d, d),
    linear('update: up', K, d, 2 * d),
    linear('update: down', K, 2 * d, d),
    norm('update: norm', K),
    linear('update: keys and values', K, d, 2 * d),
    linear('represent: keys and values, of 64 segments', SEGMENTS * K, d, 2 * d),
    attention('represent: attention of 64 segments', SEGMENTS, K * C, heads),
    linear('represent: up', SEGMENTS, d, 2 * d),
    linear('represent: output', SEGMENTS, d, 1 + m),
    pool(),
    linear('read: token vectors of 64 segments', SEGMENTS * TOKENS, d, projectedWidth(t)),
  ]

  function linear(title: string, rows: number, inner: number, outer: number): OpCall {
    const [x, weight, y] = [rows * inner * F32, outer * inner * F16, rows * outer * F32]
    const constants = {
      rows,
      inner,
      outer,
      x_row: 0,
      y_row: 0,
      residual_row: 0,
      residual_rows: 0,
      silu: 0,
      round: 0,
    }
    const buffers = [x, weight, outer * F32, outer * F32, y]
    return {
      title,
      op: 'linear',
      constants,
      buffers,
      bytes: x + weight + y,
      operations: 2 * rows * inner * outer,
    }
  }

  /** Rows of one step where they are K, else of as many steps. */
  function attention(title: string, rows: number, vectors: number, heads: number): OpCall {
    const advance = rows === K ? 0 : 1
    const held = C + (advance ? rows : 0)
    const pushed = held * K * 2 * d * F32
    const constants = {
      ...{ rows, width: d, heads, slots: K, capacity: C, query_row: 0, y_row: 0, step: C, advance, base: 0 },
      ...{ key_stride: 2 * d, value_stride: 2 * d, value_offset: d },
    }
    const buffers = [rows * d * F32, pushed, pushed, heads * (C + 1) * F32, rows * d * F32]
    const bytes = 2 * rows * d * F32 + pushed
    return { title, op: 'attention', constants, buffers, bytes, operations: 4 * rows * vectors * d }
  }

  function norm(title: string, rows: number): OpCall {
    const x = rows * d * F32
    const constants = { rows, width: d, x_row: 0, y_row: 0, round: 0 }
    return {
      title,
      op: 'layer_norm',
      constants,
      buffers: [x, d * F32, d * F32, x],
      bytes: 2 * x,
      operations: 8 * rows * d,
    }
  }

  function pool(): OpCall {
    const states = SEGMENTS * TOKENS * d * F32
    const summaries = SEGMENTS * K * d * F32
    return {
      title: `pool: ${SEGMENTS} segments of ${TOKENS} tokens`,
      op: 'pool',
      constants: { rows: SEGMENTS, columns: TOKENS, width: d, queries: K },
      buffers: [states, SEGMENTS * F32, SEGMENTS * F32, K * d * F32, summaries, SEGMENTS * d * F32],
      bytes: states + summaries,
      operations: 4 * SEGMENTS * TOKENS * (K + 1) * d,
    }
  }
}
