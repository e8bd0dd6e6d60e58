/** The mixed use of a soak: runs in the page. */

import type { Engine } from '../../src'

export interface Use {
  segments: number
  conversations: number
  seed: number
}

/** Appends to one of the conversations at a time, and does something else in between; deletes all in the end. */
export async function soak(engine: Engine, { segments, conversations, seed }: Use) {
  let state = seed >>> 0 || 1
  const random = (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  const words = 'the canoe is in garage for now I moved to Lisbon last spring and Ana keeps bees'.split(' ')
  const text = () => Array.from({ length: 2 + random(12) }, () => words[random(words.length)]).join(' ')
  const name = () => `chat ${random(conversations)}`
  const done = { segments: 0, appends: 0, searches: 0, forks: 0, rewinds: 0, forgets: 0, deletes: 0 }
  let told = performance.now()
  while (done.segments < segments) {
    if (performance.now() - told > 10_000) {
      told = performance.now()
      console.log(JSON.stringify(done))
    }
    const chat = await engine.conversation(name())
    const count = Math.min(1 + random(64), segments - done.segments)
    done.segments += (await chat.append(Array.from({ length: count }, () => ({ text: text() })))).added
    done.appends++
    const { step } = await chat.info()
    switch (random(8)) {
      case 0:
      case 1:
      case 2:
        await chat.search(text(), { at: random(2) ? undefined : random(step + 1) })
        done.searches++
        break
      case 3: {
        const fork = await chat.fork(`fork ${done.appends}`, random(step + 1))
        await fork.append({ text: text() })
        await fork.delete()
        done.forks++
        break
      }
      case 4:
        await chat.rewind(Math.max(0, step - random(20)))
        done.rewinds++
        break
      case 5:
        await chat.forget(
          (await chat.segments({ from: Math.max(0, step - 5) })).map(({ id }) => id).slice(0, 1),
        )
        done.forgets++
        break
      case 6:
        if (random(4)) break
        await chat.delete()
        done.deletes++
    }
  }
  for (const { name } of await engine.conversations()) await engine.deleteConversation(name)
  return done
}
