import { milliseconds } from '../measure'
import { row, type Section } from '../section'
import type { Setting } from '../setting'
import { longText } from '../texts'

/** About two tokens to three words here. */
const WORDS_A_TOKEN = 0.66

/** One document of 128,000 tokens, given as one text and split by the engine. */
export async function longDocument({ open, quick, device }: Setting): Promise<Section> {
  const tokens = quick ? 600 : 128_000
  const engine = await open()
  try {
    const chat = await engine.conversation('document')
    await engine.embed(['Warm.'])
    const text = longText(Math.round(tokens * WORDS_A_TOKEN))
    const reading = await milliseconds(() => chat.append([{ id: 'document', text }]))
    const { step, bytes } = await chat.info()
    const asked: number[] = []
    for (let i = 0; i < 5; i++)
      asked.push(await milliseconds(() => chat.search('What did Maya say about the loom?')))
    return {
      title: `A document of about ${tokens.toLocaleString('en')} tokens, ${device}`,
      note: `One text of ${text.length.toLocaleString('en')} characters, split at sentence ends into ${step} segments, each read with the memory of those before.`,
      rows: [
        row('reading it', 's', [reading / 1000]),
        row('tokens a second', 'tokens/s', [(1000 * tokens) / reading]),
        row('stored', 'MB', [bytes / 1e6]),
        row('a search in it', 'ms', asked),
      ],
    }
  } finally {
    await engine.close()
  }
}
