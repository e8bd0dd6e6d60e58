import { ModelFolder } from '../../../src/modelFolder'
import type { Progress } from '../../../src/index'
import { Tokenizer } from '../../../src/tokenizer'
import { milliseconds } from '../measure'
import { row, type Section } from '../section'
import type { Setting } from '../setting'
import { longText } from '../texts'

const TOKENIZER = ['tokenizer.json', 'tokenizer_config.json']

/** Of `longText`, so that the document has about as many tokens as are wanted. */
const WORDS_A_TOKEN = 0.765

/** One document of 128,000 tokens, given as one text and split by the engine. */
export async function longDocument({ open, model, quick, device }: Setting): Promise<Section> {
  const text = longText(Math.round((quick ? 1000 : 128_000) * WORDS_A_TOKEN))
  const files = await (await ModelFolder.open(model.href)).read(TOKENIZER)
  const [rules, config] = TOKENIZER.map((name) => files.get(name)!)
  const tokens = new Tokenizer(rules, config).count(text)
  const engine = await open()
  try {
    const chat = await engine.conversation('document')
    await engine.embed(['Warm.'])
    const reading = await milliseconds(() => chat.append([{ id: 'document', text }], { onProgress: tell }))
    const { step, bytes } = await chat.info()
    const asked: number[] = []
    for (let i = 0; i < 5; i++)
      asked.push(await milliseconds(() => chat.search('What did Maya say about the loom?')))
    return {
      title: `A document of ${tokens.toLocaleString('en')} tokens, ${device}`,
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

/** About twenty times a group of segments. */
function tell({ done, total }: Progress): void {
  if (done % 13 === 0 || done === total) console.info(`${done} of ${total} segments`)
}
