import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import type { Records } from '../../src/chunks'
import { ConversationChangedError, SpaceMismatchError } from '../../src/errors'
import { HeldConversation, type Reader } from '../../src/heldConversation'
import { Store } from '../../src/store'

const reader = {
  manifest: { d: 1, K: 2, m: 1, t: 2, C: 4, space: 'ours' },
  template: { segment: ({ text }: { text: string }) => text },
} as unknown as Reader

const segment = (id: string): Records => ({
  segments: [{ id, text: `text of ${id}` }],
  embeddings: Float32Array.of(1, 0, 0),
  latents: Uint16Array.of(1, 2),
  tokens: [new Int8Array(2)],
})

test('of two changes that began on one state the second is refused, and nothing of the first is lost', async () => {
  const store = new Store(crypto.randomUUID())
  const held = new HeldConversation('chat', reader, store)
  await held.commit(await held.current(), 0, segment('a'))
  const began = await held.current()
  expect(await held.current()).toBe(began)
  await held.commit(began, 1, segment('b'))
  await expect(held.commit(began, 1, segment('c'))).rejects.toThrow(ConversationChangedError)
  const { contents } = await held.current()
  expect(contents.segments.map(({ id }) => id)).toEqual(['a', 'b'])
  expect((await store.read('chat', 0, Infinity, ['segments']))!.segments).toHaveLength(2)
})

test('what another model reads again while it is looked up is not taken for ours', async () => {
  const store = new Store(crypto.randomUUID())
  const widths = { embedding: 3, latent: 2, token: 2 }
  const head = await store.write('chat', undefined, { from: 0, records: segment('a'), space: 'ours', widths })
  const held = new HeldConversation('chat', reader, store)
  const read = store.read.bind(store)
  store.read = async (...of) => {
    await store.write('chat', head, { from: 0, records: segment('a'), space: 'theirs', widths })
    return read(...of)
  }
  await expect(held.current()).rejects.toThrow(SpaceMismatchError)
})
