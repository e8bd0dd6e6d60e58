/** A memory that reads token lists: the queue of one conversation on a device. Knows no text. */

import type { Advance, Backend, Keep, Queue, QueueState, Readings } from './backend/backend'
import { batches } from './batches'
import { CorruptDataError } from './errors'
import { heed } from './heed'
import { lateQuery, tokenCodes, type LateQuery } from './lateInteraction'
import { normalise } from './normalise'
import type { CallOptions } from './protocol'

/** Segments that are encoded before the queue reads them: bounds what is held at once on long inputs. */
const GROUP = 256

/** Segments the queue reads between two looks at the abort signal. */
const STRIDE = 64

/** What was read of segments. */
export interface Read extends Advance {
  /** Of each, codes of its tokens [tokens, t]. */
  tokens: Int8Array[]
}

/** What queries are asked with besides their vectors. */
export interface Queries {
  /** Memory rows [n, K, d]. */
  rows: Float32Array
  /** Their tokens. */
  late: LateQuery[]
  /** Of each, the encoder's middle states of its tokens [tokens, d], special ones included. */
  states: Float32Array[]
}

/** One call at a time: the queue is one. */
export class Memory {
  private constructor(
    private readonly backend: Backend,
    private readonly queue: Queue,
  ) {}

  /** @throws CorruptDataError when the state's arrays do not fit its step. */
  static async open(backend: Backend, state: QueueState): Promise<Memory> {
    const { C, K, d } = backend.dimensions
    const held = Math.min(state.step, C)
    if (state.latents.length !== held * K * d || state.statics.length !== held * d)
      throw new CorruptDataError(
        'memory queue',
        `step ${state.step} needs ${held} segments; it has ${state.latents.length} latent values of ` +
          `${K * d} a segment and ${state.statics.length} static values of ${d}`,
      )
    return new Memory(backend, await backend.openQueue(state))
  }

  /** Segments read, uncommitted ones included. */
  get step(): number {
    return this.queue.step
  }

  /**
   * Reads segments, given as token ids. They stay uncommitted until `commit`; when it fails or is aborted, all that
   * is uncommitted is dropped.
   * @returns latents as f16 bits [n, K, d], embeddings [n, 2d + m] and codes of their tokens
   */
  async append(segments: Int32Array[], { signal, onProgress }: CallOptions = {}): Promise<Read> {
    const { K, d, m, t } = this.backend.dimensions
    const latents = new Uint16Array(segments.length * K * d)
    const embeddings = new Float32Array(segments.length * (2 * d + m))
    const tokens: Int8Array[] = []
    try {
      for (let group = 0; group < segments.length; group += GROUP) {
        const members = segments.slice(group, group + GROUP)
        const report = counter(onProgress, group, segments.length)
        const readings = await read(this.backend, members, { signal, report })
        try {
          for (let from = 0; from < members.length; from += STRIDE) {
            await heed(signal)
            const run = await this.queue.advance(readings, from, Math.min(from + STRIDE, members.length))
            latents.set(run.latents, (group + from) * K * d)
            embeddings.set(run.embeddings, (group + from) * (2 * d + m))
          }
          for (const raw of await readings.late()) tokens.push(tokenCodes(raw, t))
        } finally {
          readings.release()
        }
      }
    } catch (error) {
      this.queue.rollback()
      throw error
    }
    return { latents, embeddings, tokens }
  }

  commit(): void {
    this.queue.commit()
  }

  /** Drops what was read since the last commit. */
  rollback(): void {
    this.queue.rollback()
  }

  /** The queries' vectors [n, 2d + m] against the memory as it stands, and what else they are asked with. */
  async embedQueries(
    tokens: Int32Array[],
    { signal, onProgress }: CallOptions = {},
  ): Promise<Queries & { vectors: Float32Array }> {
    const report = counter(onProgress, 0, tokens.length)
    const readings = await read(this.backend, tokens, { states: true, signal, report })
    try {
      const vectors = await this.queue.represent(readings)
      return { vectors, ...(await readQueries(readings, this.backend)) }
    } finally {
      readings.release()
    }
  }

  /** The same of queries that were read before: one reading serves many memories. */
  represent(queries: Readings): Promise<Float32Array> {
    return this.queue.represent(queries)
  }

  close(): void {
    this.queue.close()
  }
}

/** What queries are asked with, of readings that keep states. */
export async function readQueries(readings: Readings, { dimensions: { t } }: Backend): Promise<Queries> {
  const [rows, late, states] = await Promise.all([readings.rows(), readings.late(), readings.states()])
  return { rows, late: late.map((raw) => lateQuery(raw, t)), states }
}

/** Static embeddings of token lists, [n, d], of length 1 each. */
export async function embedStatic(
  backend: Backend,
  tokens: Int32Array[],
  { signal, onProgress }: CallOptions = {},
): Promise<Float32Array> {
  const { d } = backend.dimensions
  const embeddings = new Float32Array(tokens.length * d)
  for (let group = 0; group < tokens.length; group += GROUP) {
    const members = tokens.slice(group, group + GROUP)
    const report = counter(onProgress, group, tokens.length)
    const readings = await read(backend, members, { signal, report })
    try {
      embeddings.set(normalise(await readings.statics(), d), group * d)
    } finally {
      readings.release()
    }
  }
  return embeddings
}

/** Encodes and pools token lists; release the readings. `report` hears how many are done. */
export async function read(
  backend: Backend,
  tokens: Int32Array[],
  { signal, report, states }: Keep & { signal?: AbortSignal; report?: (done: number) => void } = {},
): Promise<Readings> {
  const readings = backend.readings(tokens.length, { states })
  try {
    let done = 0
    for (const batch of batches(tokens, backend.batching)) {
      await heed(signal)
      await backend.read(batch, readings)
      done += batch.lengths.length
      report?.(done)
    }
    return readings
  } catch (error) {
    readings.release()
    throw error
  }
}

function counter(onProgress: CallOptions['onProgress'], before: number, total: number) {
  return (done: number) => onProgress?.({ phase: 'read', done: before + done, total, unit: 'segments' })
}
