/** The memory head as ops on a batch (docs/architecture.md, "The model"); knows no queue. */

import type { Dimensions, TokenBatch } from './backend'
import type { Batch } from './gpu'
import type { GpuWeights } from './gpuWeights'

/** Rows of a buffer [.., width]: `count` of them from row `from`. */
export interface Rows {
  buffer: GPUBuffer
  from: number
  count: number
}

/** Where rows stand: the first one's step, and whether each next one is a step later or at the same. */
export interface Steps {
  step: number
  advance: 0 | 1
}

/** Vectors of pushed segments, a row a slot or a row a segment; row 0 belongs to segment `base`. */
export interface Pushed {
  base: number
  /** Keys and values of a block, [segments * K, 2 d]. */
  keyValue: Record<Block, GPUBuffer>
  /** [segments, d]. */
  contextKey: GPUBuffer
  /** Static embeddings p, [segments, d]. */
  statics: GPUBuffer
}

export const blocks = ['update', 'retriever.0', 'retriever.1'] as const
export type Block = (typeof blocks)[number]

const SEGMENT = 0
const QUERY = 1

export const rowsOf = (buffer: GPUBuffer, count: number, from = 0): Rows => ({ buffer, from, count })

export class GpuHead {
  constructor(
    private readonly weights: GpuWeights,
    readonly dimensions: Dimensions,
  ) {}

  /** Statics [d] and summaries [K, d] of each row's token states [B, columns, d], written at its position. */
  pool(batch: Batch, states: GPUBuffer, tokens: TokenBatch, summaries: GPUBuffer, statics: GPUBuffer) {
    const { d, K } = this.dimensions
    const lengths = batch.upload(new Uint32Array(tokens.lengths))
    const positions = batch.upload(new Uint32Array(tokens.positions))
    batch.run('pool', {
      reads: { states, lengths, positions, query: this.weights.vector('pool.query') },
      writes: { summaries, statics },
      constants: { rows: tokens.lengths.length, columns: tokens.columns, width: d, queries: K },
    })
  }

  /** Token states [B, columns, d] as late interaction reads them, into `late` [B, columns, t + 2]. */
  late(batch: Batch, states: GPUBuffer, tokens: TokenBatch, late: GPUBuffer) {
    const count = tokens.ids.length
    this.linear(batch, 'late.project', rowsOf(states, count), rowsOf(late, count))
  }

  /** Memory rows [count * K, d] from the K summaries of each segment. */
  memoryRows(batch: Batch, summaries: Rows): Rows {
    const { d, K } = this.dimensions
    const normed = rowsOf(batch.floats(summaries.count * d), summaries.count)
    const rows = rowsOf(batch.floats(summaries.count * d), summaries.count)
    this.norm(batch, 'pool.norm', summaries, normed)
    const position = rowsOf(this.weights.vector('pool.position'), K)
    this.linear(batch, 'pool.project', normed, rows, { residual: position, round: true })
    return rows
  }

  /** Keys and values of latents [n * K, d], into rows `into` [n * K, 2 d]. */
  keyValue(batch: Batch, block: Block, latents: Rows, into: Rows) {
    this.linear(batch, `${block}.attention.key_value`, latents, into)
  }

  /** Context keys of latents [n * K, d], into rows `into` [n, d]. */
  contextKey(batch: Batch, latents: GPUBuffer, into: Rows) {
    const { d, K } = this.dimensions
    const means = batch.floats(into.count * d)
    const constants = { rows: into.count, width: d, slots: K }
    batch.run('mean', { reads: { x: latents }, writes: { y: means }, constants })
    this.linear(batch, 'context.key', rowsOf(means, into.count), into)
  }

  /** Rows over their length. */
  normalize(batch: Batch, x: Rows, y: Rows) {
    batch.run('normalize', {
      reads: { x: x.buffer },
      writes: { y: y.buffer },
      constants: { rows: x.count, width: this.dimensions.d, x_row: x.from, y_row: y.from },
    })
  }

  /**
   * The sequential part: latents [n * K, d] of memory rows [n * K, d]. `pushed` must have room: each step leaves
   * its keys and values of block 'update' there for the next.
   */
  update(batch: Batch, rows: Rows, step: number, pushed: Pushed): Rows {
    const { d, K } = this.dimensions
    const latents = rowsOf(batch.floats(rows.count * d), rows.count)
    const run = this.block(batch, 'update', rows, K)
    for (let i = 0; i < rows.count; i += K, step++) {
      const output = run(i, { step, advance: 0 }, pushed)
      const latent = { ...latents, from: i, count: K }
      this.norm(batch, 'update.norm', output, latent, true)
      this.keyValue(batch, 'update', latent, rowsOf(pushed.keyValue.update, K, (step - pushed.base) * K))
    }
    return latents
  }

  /** Embeddings [n, 2 d + m] of segments from their unnormalised static vectors; theirs in `pushed` are read too. */
  segments(batch: Batch, statics: Rows, step: number, pushed: Pushed): GPUBuffer {
    const { d, m } = this.dimensions
    const rows = statics.count
    const steps: Steps = { step, advance: 1 }
    const z = this.state(batch, statics, SEGMENT, steps, pushed)
    const query = rowsOf(batch.floats(rows * d), rows)
    const context = rowsOf(batch.floats(rows * d), rows)
    this.linear(batch, 'context.query', z, query)
    const { contextKey: keys, statics: values } = pushed
    const alone = { heads: 1, slots: 1, key_stride: d, value_stride: d, value_offset: 0 }
    this.attention(batch, 'context.age', query, { keys, values }, context, steps, pushed.base, alone)
    const output = rowsOf(batch.floats(rows * (1 + m)), rows)
    this.linear(batch, 'segment.output', z, output)
    const embedding = batch.floats(rows * (2 * d + m))
    batch.run('segment_embedding', {
      reads: { statics: pushed.statics, context: context.buffer, output: output.buffer },
      writes: { embedding },
      constants: { rows, width: d, clock: m, static_row: step - pushed.base },
    })
    return embedding
  }

  /** Embeddings [n, 2 d + m] of queries, all asked at `step`, from their unnormalised static vectors. */
  queries(batch: Batch, statics: Rows, step: number, pushed: Pushed): GPUBuffer {
    const { d, m } = this.dimensions
    const rows = statics.count
    const z = this.state(batch, statics, QUERY, { step, advance: 0 }, pushed)
    const normed = rowsOf(batch.floats(rows * d), rows)
    this.normalize(batch, statics, normed)
    const output = rowsOf(batch.floats(rows * (1 + d + m)), rows)
    this.linear(batch, 'query.output', z, output)
    const embedding = batch.floats(rows * (2 * d + m))
    batch.run('query_embedding', {
      reads: { statics: normed.buffer, output: output.buffer },
      writes: { embedding },
      constants: { rows, width: d, clock: m },
    })
    return embedding
  }

  close() {
    this.weights.close()
  }

  /** z [n, d]: what a segment or query makes of its static vector and of the queue as it stood at its step. */
  private state(batch: Batch, statics: Rows, role: number, steps: Steps, pushed: Pushed): Rows {
    const { d } = this.dimensions
    const rows = statics.count
    const start = rowsOf(batch.floats(rows * d), rows)
    this.norm(batch, 'represent.norm', statics, start)
    batch.run('place', {
      reads: {
        role: this.weights.vector('represent.role'),
        order: this.weights.vector('represent.order.weight'),
      },
      writes: { x: start.buffer },
      constants: { rows, width: d, role, ...steps },
    })
    const first = this.block(batch, 'retriever.0', start, rows)(0, steps, pushed)
    const second = this.block(batch, 'retriever.1', first, rows)(0, steps, pushed)
    const z = rowsOf(batch.floats(rows * d), rows)
    this.norm(batch, 'represent.output_norm', second, z)
    return z
  }

  /**
   * A block over rows x [n, d]. What does not depend on the queue is computed at once for all of them; the function
   * given back does the rest for `count` rows from row `from` of x. Its result stands until it is called again.
   */
  private block(batch: Batch, name: Block, x: Rows, count: number) {
    const { d, K, heads } = this.dimensions
    const normed = rowsOf(batch.floats(x.count * d), x.count)
    const query = rowsOf(batch.floats(x.count * d), x.count)
    this.norm(batch, `${name}.attention.norm`, x, normed)
    this.linear(batch, `${name}.attention.query`, normed, query)

    const attended = rowsOf(batch.floats(count * d), count)
    const middle = rowsOf(batch.floats(count * d), count)
    const wide = rowsOf(batch.floats(count * 2 * d), count)
    const output = rowsOf(batch.floats(count * d), count)
    const shape = { heads, slots: K, key_stride: 2 * d, value_stride: 2 * d, value_offset: d }
    return (from: number, steps: Steps, pushed: Pushed): Rows => {
      const keys = pushed.keyValue[name]
      const asking = { ...query, from, count }
      const residual = { ...x, from: x.from + from, count }
      const age = `${name}.attention.age`
      this.attention(batch, age, asking, { keys, values: keys }, attended, steps, pushed.base, shape)
      this.linear(batch, `${name}.attention.output`, attended, middle, { residual })
      this.norm(batch, `${name}.feedforward.norm`, middle, attended)
      this.linear(batch, `${name}.feedforward.up`, attended, wide, { silu: true })
      this.linear(batch, `${name}.feedforward.down`, wide, output, { residual: middle })
      return output
    }
  }

  private attention(
    batch: Batch,
    age: string,
    query: Rows,
    { keys, values }: { keys: GPUBuffer; values: GPUBuffer },
    y: Rows,
    steps: Steps,
    base: number,
    shape: Record<'heads' | 'slots' | 'key_stride' | 'value_stride' | 'value_offset', number>,
  ) {
    const { d: width, C: capacity } = this.dimensions
    batch.run('attention', {
      reads: { query: query.buffer, keys, values, age: this.weights.vector(age) },
      writes: { y: y.buffer },
      constants: {
        rows: query.count,
        width,
        capacity,
        query_row: query.from,
        y_row: y.from,
        base,
        ...steps,
        ...shape,
      },
    })
  }

  private norm(batch: Batch, name: string, x: Rows, y: Rows, round = false) {
    batch.run('layer_norm', {
      reads: {
        x: x.buffer,
        weight: this.weights.vector(`${name}.weight`),
        bias: this.weights.vector(`${name}.bias`),
      },
      writes: { y: y.buffer },
      constants: {
        rows: x.count,
        width: this.dimensions.d,
        x_row: x.from,
        y_row: y.from,
        round: Number(round),
      },
    })
  }

  /** A residual of fewer rows than x repeats. */
  private linear(
    batch: Batch,
    name: string,
    x: Rows,
    y: Rows,
    { residual, silu = false, round = false }: { residual?: Rows; silu?: boolean; round?: boolean } = {},
  ) {
    const [outer, inner] = this.weights.shape(`${name}.weight`)
    const bias = this.weights.bias(name, outer)
    batch.run('linear', {
      reads: {
        x: x.buffer,
        weight: this.weights.matrix(`${name}.weight`),
        bias,
        residual: residual?.buffer ?? bias,
      },
      writes: { y: y.buffer },
      constants: {
        rows: x.count,
        inner,
        outer,
        x_row: x.from,
        y_row: y.from,
        residual_row: residual?.from ?? 0,
        residual_rows: residual?.count ?? 0,
        silu: Number(silu),
        round: Number(round),
      },
    })
  }
}
