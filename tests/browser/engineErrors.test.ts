import { promisifyRequest } from 'idb-keyval'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  createEngine,
  InvalidArgumentError,
  SpaceMismatchError,
  type Conversation,
  type Engine,
} from '../../src'
import { seal, type Chunk } from '../../src/chunks'
import { chunkRange, headSum } from '../../src/database'
import { decodeFile, encodeFile, joinBytes, sha256 } from '../../src/exportFile'
import { openEngine, portrait, tinyModel, turns } from './engines'

let engine: Engine
let chat: Conversation
beforeAll(async () => {
  engine = await openEngine()
  chat = await engine.conversation('chat')
  await chat.append(turns(4))
})
afterEach(() => vi.unstubAllGlobals())

describe('a mistake gets an error that names it, of its class, with its fields', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['segments[0].text', () => chat.append({ text: ' ' })],
    ['to', () => chat.segments({ to: { valueOf: null, toString: null } as never })],
    ['segments[1]', () => chat.append([{ text: 'x' }, null as never])],
    ['segments[0]', () => chat.append('a text' as never)],
    ['segments[1].id', () => chat.append([{ text: 'a' }, { id: '', text: 'b' }])],
    ['segmenter', () => chat.append({ text: 'a' }, { segmenter: 'triple' as 'pair' })],
    ['longSegments', () => chat.append({ text: 'a' }, { longSegments: 'cut' as 'split' })],
    ['commitEvery', () => chat.appendAll([], { commitEvery: 0 })],
    ['text', () => chat.replace('m1', '')],
    ['step', () => chat.rewind(5)],
    ['at', () => chat.search('x', { at: 5 })],
    ['at', () => chat.embedQuery('x', { at: new Date('never') })],
    ['at', () => chat.fork('y', -1)],
    ['topK', () => chat.search('x', { topK: 0 })],
    ['mode', () => chat.search('x', { mode: 'fuzzy' as 'static' })],
    ['query', () => chat.search('')],
    ['query', () => engine.search(' ')],
    ['texts[1]', () => engine.embed(['a', ''])],
    ['from', () => chat.segments({ from: -1 })],
    ['to', () => chat.embeddings({ from: 3, to: 2 })],
    ['name', () => engine.conversation('')],
    ['name', () => engine.segments(undefined as never)],
    ['name', () => engine.export(undefined as never)],
    ['name', () => engine.deleteConversation(undefined as never)],
    ['conversations', () => engine.search('x', { conversations: 'chat' as never })],
    ['at', () => engine.search('x', { at: 2 as never })],
    ['at', () => engine.search('x', { at: new Date('never') })],
    ['file', () => engine.import(new ArrayBuffer(8) as never)],
    ['append', () => chat.append({ text: 'x', metadata: new Proxy({ a: {} }, {}) as never })],
    ['append', () => chat.append({ text: 'x', metadata: { to: () => 'nothing' } as never })],
    ['onModelChange', () => engine.conversation('x', { onModelChange: 'ignore' as 'refuse' })],
    ['device', () => createEngine({ model: tinyModel, device: 'tpu' as 'wasm' })],
    ['model', () => createEngine({ model: 'http://' })],
  ])('%s', async (argument, call) => {
    const error = await call().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(InvalidArgumentError)
    expect(error).toMatchObject({ name: 'InvalidArgumentError', argument })
    expect((await chat.info()).epoch).toBe(1)
  })

  test.each<[object, () => Promise<unknown>]>([
    [{ name: 'SegmentNotFoundError', id: 'm9', conversation: 'chat' }, () => chat.replace('m9', 'x')],
    [{ name: 'SegmentTooLongError', id: 'query', maxTokens: 32 }, () => chat.search('canoe '.repeat(99))],
    [{ name: 'SegmentTooLongError', id: 'texts[0]' }, () => engine.embed(['canoe '.repeat(99)])],
    [{ name: 'ConversationNotFoundError', conversation: 'gone' }, () => engine.export('gone')],
    [{ name: 'CorruptDataError' }, () => engine.import(new Blob(['hello']))],
    [{ name: 'ModelFetchError' }, () => createEngine({ model: '/nowhere/', device: 'wasm' })],
  ])('%j', async (expected, call) => {
    await expect(call()).rejects.toMatchObject(expected)
  })
})

test('a file of our space with more tokens of a segment than the encoder reads is refused', async () => {
  const task = { signal: new AbortController().signal, progress: () => {} }
  const exported = await decodeFile(await chat.export(), task)
  const withTokens = (bytes: number) => {
    const tokens = exported.records.tokens.with(2, new Int8Array(bytes))
    return encodeFile({ ...exported, records: { ...exported.records, tokens } }, true, task)
  }
  await expect(engine.import(await withTokens(33 * 5), { name: 'more' })).rejects.toMatchObject({
    name: 'CorruptDataError',
    message: expect.stringContaining('segment 2 has 165 bytes of tokens, at most 160 are allowed'),
  })
  const most = await engine.import(await withTokens(32 * 5), { name: 'most' })
  expect((await most.info()).step).toBe(4)
  await most.delete()
})

test('a closed engine says so, to calls under way and to later ones, and its worker ends', async () => {
  const running = async () =>
    (await navigator.locks.query()).held!.filter(({ name }) => /worker/.test(name!)).length
  await expect.poll(running).toBe(1)
  const own = await openEngine()
  expect(await running()).toBe(2)
  const conversation = await own.conversation('chat')
  const appending = conversation.append(turns(200))
  const closed = expect(appending).rejects.toMatchObject({ name: 'EngineClosedError' })
  await own.close()
  await closed
  await expect(conversation.info()).rejects.toMatchObject({ name: 'EngineClosedError' })
  await expect.poll(running).toBe(1)
})

test('when the worker dies, calls under way reject, and the next one starts another on what was committed', async () => {
  const workers: Worker[] = []
  const RealWorker = Worker
  vi.stubGlobal(
    'Worker',
    class extends RealWorker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args)
        workers.push(this)
      }
    },
  )
  const own = await openEngine()
  const conversation = await own.conversation('chat')
  await conversation.append(turns(3))
  const before = await portrait(conversation)
  const appending = conversation.append(turns(300, 3), { onProgress: () => workers[0].terminate() })
  await expect(appending).rejects.toMatchObject({ name: 'WorkerLostError' })
  expect(await portrait(conversation)).toEqual(before)
  expect(workers).toHaveLength(2)
})

test('loading can be aborted before its worker has begun', async () => {
  const abort = new AbortController()
  const loading = openEngine({ signal: abort.signal })
  setTimeout(() => abort.abort(new Error('changed my mind')))
  await expect(loading).rejects.toThrow('changed my mind')
})

test('loading can be aborted', async () => {
  const abort = new AbortController()
  const opening = createEngine({
    model: tinyModel,
    device: 'wasm',
    signal: abort.signal,
    onProgress: () => abort.abort(),
  })
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
})

test('without a secure context it is said by name', async () => {
  vi.stubGlobal('crypto', { randomUUID: () => 'x' })
  vi.stubGlobal('isSecureContext', false)
  await expect(createEngine({ model: tinyModel })).rejects.toMatchObject({
    name: 'InsecureContextError',
    missing: ['WebCrypto', 'WebGPU'],
  })
})

describe('a conversation that another model read', () => {
  const theirs = 'e'.repeat(64)

  /** As if another model had written it: its space, and vectors that are not ours, in format 2 without tokens. */
  async function rewriteAsTheirs(database: string, format: number): Promise<void> {
    const opened = await promisifyRequest(indexedDB.open(database))
    const records = opened.transaction('records', 'readwrite').objectStore('records')
    const head = await promisifyRequest(records.get(['', 'chat']))
    const changed = { ...head, space: theirs, format }
    if (format === 2) {
      delete changed.widths.token
      records.delete(chunkRange('chat', 'tokens', 0))
    }
    records.put({ ...changed, sum: headSum(changed) }, ['', 'chat'])
    const key = ['chat', 'embeddings', 0]
    const { rows } = await promisifyRequest<Chunk>(records.get(key))
    const width = head.widths.embedding
    records.put(seal((rows as Float32Array).fill(0.5), width, 0), key)
    await promisifyRequest(records.transaction)
    opened.close()
  }

  test.each([3, 2])(
    'in format %d, is refused by name, its text readable and exportable, until it is read again',
    async (format) => {
      const database = crypto.randomUUID()
      const own = await openEngine({ database })
      const conversation = await own.conversation('chat')
      await conversation.append(turns(300))
      const before = await portrait(conversation)
      await rewriteAsTheirs(database, format)

      const opening = own.conversation('chat')
      await expect(opening).rejects.toBeInstanceOf(SpaceMismatchError)
      const mismatch = {
        name: 'SpaceMismatchError',
        conversation: 'chat',
        space: theirs,
        modelSpace: own.info.space,
      }
      await expect(opening).rejects.toMatchObject(mismatch)
      await expect(own.search('canoe')).rejects.toMatchObject(mismatch)
      expect(await own.segments('chat')).toEqual(before.segments)

      const file = await own.export('chat')
      const elsewhere = await openEngine()
      await expect(elsewhere.import(file)).rejects.toMatchObject({
        ...mismatch,
        modelSpace: elsewhere.info.space,
      })
      expect(await elsewhere.conversations()).toEqual([])
      const imported = await elsewhere.import(file, { onModelChange: 'reread' })
      expect((await portrait(imported)).hits).toEqual(before.hits)

      const abort = new AbortController()
      const stopped = own.conversation('chat', {
        onModelChange: 'reread',
        signal: abort.signal,
        onProgress: () => abort.abort(),
      })
      await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
      expect((await own.conversations())[0]).toMatchObject({ space: theirs, epoch: 1 })

      const phases = new Set<string>()
      const reread = await own.conversation('chat', {
        onModelChange: 'reread',
        onProgress: ({ phase }) => phases.add(phase),
      })
      expect([...phases]).toEqual(['reread'])
      expect(await portrait(reread)).toEqual(before)
      expect(await reread.info()).toMatchObject({ space: own.info.space, epoch: 2, step: 300 })
    },
  )

  /** The file as format 1 had it, without tokens. */
  async function older(file: Blob, space: string): Promise<Blob> {
    const bytes = new Uint8Array(await file.arrayBuffer())
    const end = 12 + new DataView(bytes.buffer).getUint32(8, true)
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, end)))
    const { tokens: _, ...sizes } = header.bytes
    const { token: __, ...widths } = header.widths
    const changed = { ...header, format: 1, space, widths, bytes: sizes }
    const json = new TextEncoder().encode(JSON.stringify(changed))
    const length = new Uint8Array(Uint32Array.of(json.length).buffer)
    const body = bytes.subarray(end, end + sizes.segments + sizes.embeddings + sizes.latents)
    const content = joinBytes([bytes.subarray(0, 8), length, json, body])
    return new Blob([content, await sha256(content)])
  }

  test('exported in format 1, is read again; in that format no file is of our space', async () => {
    const file = await chat.export({ compress: false })
    const own = await openEngine()
    const theirFile = await older(file, theirs)
    await expect(own.import(theirFile)).rejects.toMatchObject({ name: 'SpaceMismatchError', space: theirs })
    const imported = await own.import(theirFile, { onModelChange: 'reread' })
    expect(await portrait(imported)).toEqual(await portrait(chat))
    const ours = own.import(await older(file, own.info.space), { name: 'ours' })
    await expect(ours).rejects.toMatchObject({
      name: 'CorruptDataError',
      message: expect.stringContaining('its widths are not those of its space'),
    })
    expect((await own.conversations()).map(({ name }) => name)).toEqual(['chat'])
  })
})
