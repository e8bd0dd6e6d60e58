/** What a conversation and its copies go through, made up from a seed: the same seed, the same operations. */

export type Operation =
  | { kind: 'append'; segments: { id: string; role: string; text: string }[] }
  | { kind: 'replace'; id: string; text: string }
  | { kind: 'forget'; ids: string[] }
  /** Of the first `at` segments. */
  | { kind: 'fork'; as: string; at: number }
  /** Of the conversation's own export. */
  | { kind: 'import'; as: string }
  | { kind: 'delete'; name: string }

/** The conversation that is read; the others are its copies. */
export const MAIN = 'main'

const MAX_SEGMENTS = 200
const MAX_COPIES = 3
const words = 'the canoe is in garage for now I moved to Lisbon last spring and Ana keeps bees'.split(' ')

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Those of a seed, made as they are asked for. */
export class Operations {
  private readonly made: Operation[] = []
  private readonly source: Iterator<Operation>

  constructor(seed: number) {
    this.source = operations(seed)
  }

  at(index: number): Operation {
    while (this.made.length <= index) this.made.push(this.source.next().value)
    return this.made[index]
  }

  /** [from, to). */
  slice(from: number, to: number): Operation[] {
    return Array.from({ length: to - from }, (_, i) => this.at(from + i))
  }
}

/** Without end. */
function* operations(seed: number): Generator<Operation, never> {
  const random = numbersFrom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const text = () => Array.from({ length: 1 + below(8) }, () => words[below(words.length)]).join(' ')
  let ids: string[] = []
  let copies: string[] = []
  let made = 0

  for (;;) {
    const dice = below(100)
    if (ids.length > MAX_SEGMENTS) {
      ids = []
      yield { kind: 'delete', name: MAIN }
    } else if (dice < 60 || ids.length < 5) {
      // Now and then more than a chunk of storage holds.
      const count = below(20) ? 1 + below(4) : 60 + below(20)
      const segments = Array.from({ length: count }, () => {
        const id = `m${made++}`
        return { id, role: below(2) ? 'Ana' : 'Ben', text: `${text()} ${id}` }
      })
      ids.push(...segments.map(({ id }) => id))
      yield { kind: 'append', segments }
    } else if (dice < 70) {
      yield { kind: 'replace', id: ids[below(ids.length)], text: `${text()} ${made++}` }
    } else if (dice < 78) {
      const gone = Array.from({ length: 1 + below(3) }, () => ids[below(ids.length)])
      ids = ids.filter((id) => !gone.includes(id))
      yield { kind: 'forget', ids: gone }
    } else if (copies.length === MAX_COPIES) {
      const [name] = copies.splice(below(copies.length), 1)
      yield { kind: 'delete', name }
    } else {
      const as = `copy ${made++}`
      copies = [...copies, as]
      yield dice < 90 ? { kind: 'fork', as, at: 1 + below(ids.length) } : { kind: 'import', as }
    }
  }
}
