import { ModelFolder } from '../../../src/modelFolder'
import { milliseconds } from '../measure'
import { compared, row, type Section } from '../section'
import type { Setting } from '../setting'
import { mixedTurns } from '../texts'
import { prepare } from './prepared'

/** Opening a long conversation in a fresh worker, against embedding it again. */
export async function opening({ open, model, turns, quick }: Setting): Promise<Section> {
  const count = quick ? 1000 : 10_000
  const database = crypto.randomUUID()
  const texts = mixedTurns(turns).map(({ role, text }) => `${role}: ${text}`)
  const [again, opened, asked]: number[][] = [[], [], []]
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    const engine = await open(database)
    try {
      const { manifest } = await ModelFolder.open(model.href)
      if (round === 0) await prepare(database, 'long', count, engine.info, manifest)
      await engine.embed(texts.slice(0, 8))
      let chat: Awaited<ReturnType<typeof engine.conversation>>
      opened.push(await milliseconds(async () => (chat = await engine.conversation('long'))))
      asked.push(await milliseconds(() => chat.search('Where does the loom stand now?')))
      again.push(((await milliseconds(() => engine.embed(texts))) * count) / turns)
    } finally {
      await engine.close()
    }
  }
  return {
    title: `Opening a conversation of ${count.toLocaleString('en')} segments`,
    note:
      'In a worker that has just loaded the model: from the call until it can be searched, and the first search, which ' +
      `builds the lexical index. Embedding again is the time of ${turns} of its turns, scaled up.`,
    rows: [
      row('static embedding again', 'ms', again),
      compared('opening', 'ms', opened, 'embedding again', [opened, again], { atMost: 0.1 }),
      compared('first search after it', 'ms', asked, 'embedding again', [asked, again]),
    ],
  }
}
