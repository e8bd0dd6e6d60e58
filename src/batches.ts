/** Token lists to batches of like length, so that little is computed on padding. */

import type { Batching, TokenBatch } from './backend/backend'
import { InvalidArgumentError } from './errors'

/**
 * Batches of all lists, shortest first, cut so that padding and runs together cost the device least.
 * @throws InvalidArgumentError when a list is empty: there would be nothing to read.
 */
export function batches(tokens: Int32Array[], batching: Batching): TokenBatch[] {
  const order = tokens.map((_, i) => i).sort((a, b) => tokens[a].length - tokens[b].length)
  if (order.length && !tokens[order[0]].length)
    throw new InvalidArgumentError(`tokens[${order[0]}]`, [], 'at least one token')
  const lengths = order.map((i) => tokens[i].length)
  const ends = cuts(lengths, batching)
  return ends.map((end, i) => pad(tokens, order.slice(ends[i - 1] ?? 0, end)))
}

/** Where the batches of lists of these lengths, ascending, end at least cost. */
function cuts(lengths: number[], { mostTokens, runTokens }: Batching): number[] {
  /** Of the first `stop` lists: what they cost in tokens, and where the last batch of them starts. */
  const best = [{ cost: 0, start: 0 }]
  for (let stop = 1; stop <= lengths.length; stop++) {
    const columns = lengths[stop - 1]
    best[stop] = { cost: Infinity, start: stop }
    for (let start = stop - 1; start >= 0; start--) {
      const size = (stop - start) * columns
      if (start < stop - 1 && size > mostTokens) break
      const cost = best[start].cost + size + runTokens
      if (cost <= best[stop].cost) best[stop] = { cost, start }
    }
  }
  const ends: number[] = []
  for (let stop = lengths.length; stop > 0; stop = best[stop].start) ends.push(stop)
  return ends.reverse()
}

/** Rows of the batch's texts from values [rows, columns, width], padding left out, each put at its position of `into`. */
export function unpad(
  values: Float32Array,
  { columns, lengths, positions }: TokenBatch,
  width: number,
  into: Float32Array[],
): void {
  positions.forEach((position, row) => {
    const first = row * columns
    into[position] = values.slice(first * width, (first + lengths[row]) * width)
  })
}

function pad(tokens: Int32Array[], members: number[]): TokenBatch {
  const lengths = Uint32Array.from(members, (i) => tokens[i].length)
  const columns = lengths[lengths.length - 1]
  const ids = new Int32Array(members.length * columns)
  members.forEach((i, row) => ids.set(tokens[i], row * columns))
  return { ids, lengths, columns, positions: Uint32Array.from(members) }
}
