/** A conversation's segments and vectors as they stand in memory, ready to be searched. */

import { InvalidArgumentError } from './errors'
import { fromFloat16 } from './float16'
import { LexicalIndex } from './lexical'
import type { Segment } from './protocol'
import type { Draft } from './segmenter'
import type { Records } from './chunks'
import { VectorIndex } from './vectorIndex'

/** Sizes of what is kept of a segment. */
export interface Shape {
  /** Embedding: 2d + m. */
  dimensions: number
  d: number
  K: number
}

export class Contents {
  readonly segments: Segment[] = []
  readonly embeddings: VectorIndex
  /** Mean over K of each segment's latents, [d]. */
  readonly latents: VectorIndex
  /** Of each segment, codes of its tokens [tokens, t]. */
  readonly tokens: Int8Array[] = []
  private tokenBytes = 0
  /** Steps by id; the parts of a long text by the id it was given, too. */
  private readonly steps = new Map<string, number[]>()
  private terms?: LexicalIndex

  /** `render`: a segment as the model reads it, which is what the lexical index holds too. */
  constructor(
    private readonly shape: Shape,
    private readonly render: (segment: Draft) => string,
  ) {
    this.embeddings = new VectorIndex(shape.dimensions)
    this.latents = new VectorIndex(shape.d)
  }

  /** Segments. */
  get count(): number {
    return this.segments.length
  }

  /** Bytes of vectors, about. */
  get bytes(): number {
    return this.count * 4 * (this.shape.dimensions + this.shape.d) + this.tokenBytes
  }

  push({ segments, embeddings, latents, tokens }: Records): void {
    segments.forEach((segment, i) => this.add(segment, tokens[i]))
    this.embeddings.push(embeddings)
    this.latents.push(this.means(latents))
  }

  /** The first `count` segments, as contents of their own. */
  prefix(count: number): Contents {
    const copy = new Contents(this.shape, this.render)
    for (let i = 0; i < count; i++) copy.add(this.segments[i], this.tokens[i])
    copy.embeddings.push(this.embeddings.rows(0, count))
    copy.latents.push(this.latents.rows(0, count))
    return copy
  }

  /** Steps of the segment with this id, or of all parts of a text that was given it; none if it is not there. */
  find(id: string): readonly number[] {
    return this.steps.get(id) ?? []
  }

  /** As `find`, but a part's id finds its whole text's parts. */
  findWhole(id: string): readonly number[] {
    const [step] = this.find(id)
    return step === undefined ? [] : this.find(this.segments[step].part?.of ?? id)
  }

  /** The text of this id, parts joined; undefined if it is not there. */
  text(id: string): string | undefined {
    const steps = this.find(id)
    return steps.length ? steps.map((step) => this.segments[step].text).join('') : undefined
  }

  /** Of all segments as the model reads them; built when it is first asked for. */
  get lexical(): LexicalIndex {
    return (this.terms ??= new LexicalIndex(this.segments.map(this.render)))
  }

  /** Static embeddings of steps [from, to), [to - from, d]. */
  statics(from: number, to: number): Float32Array {
    const { d } = this.shape
    const statics = new Float32Array((to - from) * d)
    for (let i = from; i < to; i++) statics.set(this.embeddings.row(i).subarray(0, d), (i - from) * d)
    return statics
  }

  /**
   * How many segments were there at a step or time. A time stands before the first segment that is later.
   * Throws InvalidArgumentError for a step that is not there yet, and for a time where no segment has one.
   */
  stepAt(at: number | Date | undefined): number {
    if (at === undefined) return this.count
    if (!(at instanceof Date)) {
      if (Number.isInteger(at) && at >= 0 && at <= this.count) return at
      throw new InvalidArgumentError('at', at, `a Date, or a step in 0..${this.count}`)
    }
    if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('at', at, 'a valid Date')
    if (this.count && this.segments.every(({ time }) => time === undefined))
      throw new InvalidArgumentError('at', at, 'a step, as no segment has a time')
    const later = this.segments.findIndex(({ time }) => time !== undefined && time > at.getTime())
    return later < 0 ? this.count : later
  }

  private add(draft: Draft, tokens: Int8Array): void {
    const segment: Segment = { ...draft, step: this.count }
    for (const id of new Set([segment.id, segment.part?.of ?? segment.id])) {
      const steps = this.steps.get(id)
      if (steps) steps.push(segment.step)
      else this.steps.set(id, [segment.step])
    }
    this.segments.push(segment)
    this.tokens.push(tokens)
    this.tokenBytes += tokens.byteLength
    this.terms?.push(this.render(segment))
  }

  private means(latents: Uint16Array): Float32Array {
    const { d, K } = this.shape
    const values = fromFloat16(latents)
    const means = new Float32Array(values.length / K)
    for (let row = 0; row * d < values.length; row++) {
      const mean = Math.floor(row / K) * d
      for (let i = 0; i < d; i++) means[mean + i] += values[row * d + i] / K
    }
    return means
  }
}
