/** Token lists to batches of like length, so that little is computed on padding. */

import type { TokenBatch } from './backend/backend'
import { InvalidArgumentError } from './errors'

/**
 * Batches of all lists, shortest first, each of at most `batchTokens` tokens with padding (or of one list).
 * @throws InvalidArgumentError when a list is empty: there would be nothing to read.
 */
export function batches(tokens: Int32Array[], batchTokens: number): TokenBatch[] {
  const order = tokens.map((_, i) => i).sort((a, b) => tokens[a].length - tokens[b].length)
  if (order.length && !tokens[order[0]].length)
    throw new InvalidArgumentError(`tokens[${order[0]}]`, [], 'at least one token')
  const all: TokenBatch[] = []
  for (let start = 0; start < order.length;) {
    let stop = start + 1
    while (stop < order.length && (stop + 1 - start) * tokens[order[stop]].length <= batchTokens) stop++
    all.push(pad(tokens, order.slice(start, stop)))
    start = stop
  }
  return all
}

function pad(tokens: Int32Array[], members: number[]): TokenBatch {
  const lengths = Uint32Array.from(members, (i) => tokens[i].length)
  const columns = lengths[lengths.length - 1]
  const ids = new Int32Array(members.length * columns)
  members.forEach((i, row) => ids.set(tokens[i], row * columns))
  return { ids, lengths, columns, positions: Uint32Array.from(members) }
}
