import { ModelFolder } from '../../../src/modelFolder'
import { interleaved, milliseconds } from '../measure'
import { compared, row, type Row, type Section } from '../section'
import type { Setting } from '../setting'
import { mixedTurns } from '../texts'
import { prepare } from './prepared'

const QUESTION = 'Where does the loom stand now?'

/** What a segment and a search cost in conversations of 100 to 10,000 segments. */
export async function length({ open, model, quick }: Setting): Promise<Section> {
  const lengths = quick ? [100, 1000] : [100, 1000, 10_000]
  const rounds = quick ? 1 : 5
  const bulk = quick ? 4 : 64
  const database = crypto.randomUUID()
  const engine = await open(database)
  try {
    const { manifest } = await ModelFolder.open(model.href)
    for (const count of lengths) await prepare(database, `${count}`, count, engine.info, manifest)
    const chats = await Promise.all(lengths.map((count) => engine.conversation(`${count}`)))
    const turns = mixedTurns(bulk)
    let id = 0
    const append = (count: number) => (at: number) => {
      const inputs = turns.slice(0, count).map((turn) => ({ id: `new ${id++}`, ...turn }))
      return chats[at].append(inputs)
    }
    const search = (rerank: boolean) => (at: number) => chats[at].search(QUESTION, { rerank })
    for (const at of lengths.keys()) await search(true)(at)

    const many = await eachLength(rounds, lengths, append(bulk))
    const one = await eachLength(rounds, lengths, append(1))
    const hybrid = await eachLength(2 * rounds, lengths, search(false))
    const reranked = await eachLength(2 * rounds, lengths, search(true))
    const encoded: number[] = []
    for (let i = 0; i < 2 * rounds; i++) encoded.push(await milliseconds(() => engine.embed([QUESTION])))
    const bytes = await Promise.all(chats.map((chat) => chat.info().then(({ bytes, step }) => bytes / step)))

    const table = (
      what: string,
      unit: string,
      timings: number[][],
      divisor: number,
      target?: Row['target'],
    ) =>
      lengths.map((count, at) => {
        const values = timings[at].map((value) => value / divisor)
        const name = `${what}, ${count.toLocaleString('en')} segments there`
        if (at === 0) return row(name, unit, values)
        return compared(name, unit, values, `${lengths[0]} there`, [timings[at], timings[0]], target)
      })
    return {
      title: 'Cost against length',
      note:
        `Appends of ${bulk} turns at once and of one turn, each on disk when it ends, and searches, in conversations ` +
        'that are open; one after another in turn. A search includes encoding the query, whose time is given alone as well.',
      rows: [
        ...table(`${bulk} turns at once, a turn`, 'ms', many, bulk, { atMost: 1.1 }),
        ...table('one turn alone', 'ms', one, 1),
        ...table('hybrid search', 'ms', hybrid, 1),
        ...table('hybrid search, reranked', 'ms', reranked, 1),
        row('encoding a query', 'ms', encoded),
        ...lengths.map((count, at) =>
          row(`storage a segment, ${count.toLocaleString('en')} segments`, 'kB', [bytes[at] / 1000]),
        ),
      ],
    }
  } finally {
    await engine.close()
  }
}

async function eachLength(
  rounds: number,
  lengths: number[],
  work: (at: number) => Promise<unknown>,
): Promise<number[][]> {
  const timings = await interleaved(
    rounds,
    Object.fromEntries(lengths.map((count, at) => [`${count} segments`, () => work(at)])),
  )
  return lengths.map((count) => timings[`${count} segments`])
}
