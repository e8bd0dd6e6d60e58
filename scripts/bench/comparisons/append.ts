import { interleaved } from '../measure'
import { compared, row, type Section } from '../section'
import type { Setting } from '../setting'
import { mixedTurns } from '../texts'

/** By what the encoder multiplies: on WASM 8-bit codes, on WebGPU f32. */
const AT_MOST = { wasm: 1.25, webgpu: 1.15 }

/** What memory costs: an append, stored, against the static vectors of the same segments. */
export async function append({ open, device, turns, quick }: Setting): Promise<Section> {
  const read = mixedTurns(turns)
  const rendered = read.map(({ role, text }) => `${role}: ${text}`)
  const inputs = read.map((turn, i) => ({ id: `${i}`, ...turn }))
  const engine = await open()
  try {
    await engine.embed(rendered.slice(0, 20))
    const timings = await interleaved(quick ? 1 : 3, {
      embed: () => engine.embed(rendered),
      append: async () => {
        const chat = await engine.conversation(crypto.randomUUID())
        await chat.append(inputs)
      },
    })
    return {
      title: `Evolvable append against static encoding, ${device}`,
      note: `${turns} turns of mixed length; an append ends when all is on disk.`,
      rows: [
        row('static encoding', 'ms', timings.embed),
        compared(
          'evolvable append',
          'ms',
          timings.append,
          'static encoding',
          [timings.append, timings.embed],
          { atMost: AT_MOST[device] },
        ),
      ],
    }
  } finally {
    await engine.close()
  }
}
