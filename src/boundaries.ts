/** Where a text's sentences, words, or graphemes end. */

export type Grain = 'sentence' | 'word' | 'grapheme'

/** V8 takes time in the square of the length of what it segments: 30 s for 100,000 graphemes at once. */
const WINDOW = 2048
/** So near the end of a window an end may be none in the whole text: rules look ahead, and a window may cut an emoji. */
const MARGIN = 128

/** Indices into the text, ascending, the last its length. */
export function boundaries(text: string, granularity: Grain): number[] {
  const segmenter = new Intl.Segmenter(undefined, { granularity })
  const ends: number[] = []
  let from = 0
  for (let size = WINDOW; from < text.length;) {
    const window = text.slice(from, from + size)
    const atEnd = from + size >= text.length
    let found = 0
    for (const { index, segment } of segmenter.segment(window)) {
      const end = index + segment.length
      if (end > window.length - MARGIN && !atEnd) break
      ends.push(from + end)
      found = end
      if (found >= WINDOW) break
    }
    from += found
    size = found ? WINDOW : 2 * size
  }
  return ends
}
