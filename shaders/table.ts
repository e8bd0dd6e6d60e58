/** One line an op: its code, what it reads and writes, its constants, its workgroups, its pipeline constants. */

import attention from './attention.wgsl?raw'
import layerNorm from './layer_norm.wgsl?raw'
import linear from './linear.wgsl?raw'
import mean from './mean.wgsl?raw'
import normalize from './normalize.wgsl?raw'
import place from './place.wgsl?raw'
import pool from './pool.wgsl?raw'
import queryEmbedding from './query_embedding.wgsl?raw'
import reduce from './reduce.wgsl?raw'
import round from './round.wgsl?raw'
import segmentEmbedding from './segment_embedding.wgsl?raw'

/** Bindings are numbered in order: 0 the constants, then reads, then writes. */
export interface Op<Reads extends string, Writes extends string, Constants extends string> {
  code: string
  reads: readonly Reads[]
  writes: readonly Writes[]
  /** The fields of the WGSL struct, in order; 32-bit integers. */
  constants: readonly Constants[]
  workgroups(constants: Record<Constants, number>): [x: number, y: number]
  /** Pipeline constants: one pipeline for each set of values. */
  overrides?(constants: Record<Constants, number>): Record<string, number>
}

/** An op's names become types, so that a call that forgets or misspells a binding does not compile. */
const op = <R extends string, W extends string, C extends string>(line: Op<R, W, C>) => line

const tiles = (count: number, size: number) => Math.ceil(count / size)

// prettier-ignore
export const table = {
  attention: op({ code: reduce + attention, reads: ['query', 'keys', 'values', 'age'], writes: ['y'],
    constants: ['rows', 'width', 'heads', 'slots', 'capacity', 'query_row', 'y_row', 'step', 'advance', 'base',
      'key_stride', 'value_stride', 'value_offset'],
    workgroups: (c) => [c.rows, c.heads], overrides: (c) => ({ LOGITS: c.capacity * c.slots }) }),
  layer_norm: op({ code: reduce + round + layerNorm, reads: ['x', 'weight', 'bias'], writes: ['y'],
    constants: ['rows', 'width', 'x_row', 'y_row', 'round'], workgroups: (c) => [c.rows, 1] }),
  linear: op({ code: round + linear, reads: ['x', 'weight', 'bias', 'residual'], writes: ['y'],
    constants: ['rows', 'inner', 'outer', 'x_row', 'y_row', 'residual_row', 'residual_rows', 'silu', 'round'],
    workgroups: (c) => [tiles(c.outer, 32), tiles(c.rows, 8)] }),
  mean: op({ code: mean, reads: ['x'], writes: ['y'], constants: ['rows', 'width', 'slots'],
    workgroups: (c) => [tiles(c.width, 64), c.rows] }),
  normalize: op({ code: reduce + normalize, reads: ['x'], writes: ['y'],
    constants: ['rows', 'width', 'x_row', 'y_row'], workgroups: (c) => [c.rows, 1] }),
  place: op({ code: place, reads: ['role', 'order'], writes: ['x'],
    constants: ['rows', 'width', 'role', 'step', 'advance'], workgroups: (c) => [tiles(c.width, 64), c.rows] }),
  pool: op({ code: pool, reads: ['states', 'lengths', 'positions', 'query'], writes: ['summaries', 'statics'],
    constants: ['rows', 'columns', 'width', 'queries'],
    workgroups: (c) => [c.queries + 1, c.rows], overrides: (c) => ({ WIDTH: c.width }) }),
  query_embedding: op({ code: queryEmbedding, reads: ['statics', 'output'], writes: ['embedding'],
    constants: ['rows', 'width', 'clock'], workgroups: (c) => [c.rows, 1] }),
  segment_embedding: op({ code: reduce + segmentEmbedding, reads: ['statics', 'context', 'output'],
    writes: ['embedding'], constants: ['rows', 'width', 'clock', 'static_row'],
    workgroups: (c) => [c.rows, 1] }),
}

export type OpName = keyof typeof table
type Names<Name extends OpName> =
  (typeof table)[Name] extends Op<infer R, infer W, infer C> ? [R, W, C] : never

/** What a call of an op states. */
export interface Call<Name extends OpName, Buffer> {
  reads: Record<Names<Name>[0], Buffer>
  writes: Record<Names<Name>[1], Buffer>
  constants: Record<Names<Name>[2], number>
}
