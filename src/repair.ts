/** What is left of a conversation's text, as segments that can be read again. */

import type { Draft } from './segmenter'

/**
 * The segments that are there (undefined: lost), and the steps of those that are not. Of a long text that lost some of
 * its parts the others stay together, counted anew.
 */
export function mend(segments: (Draft | undefined)[]): { kept: Draft[]; dropped: number[] } {
  const dropped = segments.flatMap((segment, step) => (segment ? [] : [step]))
  const left = segments.filter((segment) => segment !== undefined)
  const counts = new Map<string, number>()
  for (const { part } of left) if (part) counts.set(part.of, (counts.get(part.of) ?? 0) + 1)
  const seen = new Map<string, number>()
  const kept = left.map((segment) => {
    const { part } = segment
    const count = part && counts.get(part.of)!
    if (!part || count === part.count) return segment
    const index = seen.get(part.of) ?? 0
    seen.set(part.of, index + 1)
    return { ...segment, part: { of: part.of, index, count: count! } }
  })
  return { kept, dropped }
}
