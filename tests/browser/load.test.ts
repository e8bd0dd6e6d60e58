/** Loading a model: what is checked, what is kept, what is refused and how it is said. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FORMAT } from '../../src/manifest'
import { loadModel } from '../../src/model'
import { ModelFolder } from '../../src/modelFolder'
import type { Progress } from '../../src/protocol'
import { tinyModel } from './tinyModel'

const folder = tinyModel.endsWith('/') ? tinyModel : `${tinyModel}/`

type Change = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | Response

/** The network as it is, but for these files. Counts what is fetched. */
function network(changes: Record<string, Change> = {}) {
  const real = window.fetch
  const fetched: string[] = []
  vi.stubGlobal('fetch', async (url: URL | string, options?: RequestInit) => {
    const response = await real(url, options)
    const path = String(url).slice(folder.length)
    fetched.push(path)
    if (!changes[path]) return response
    const changed = changes[path](new Uint8Array(await response.arrayBuffer()))
    return changed instanceof Response ? changed : new Response(changed)
  })
  return fetched
}

const offline = () => vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))

const rewriteManifest =
  (rewrite: (manifest: any) => void): Change =>
  (bytes) => {
    const manifest = JSON.parse(new TextDecoder().decode(bytes))
    rewrite(manifest)
    return new TextEncoder().encode(JSON.stringify(manifest))
  }

const flipLast: Change = (bytes) => {
  bytes[bytes.length - 1] ^= 0x40
  return bytes
}

const load = () => loadModel(tinyModel, { device: 'wasm' })

// Other test files load the model too, and leave it in the cache.
beforeEach(async () => {
  for (const name of await caches.keys()) await caches.delete(name)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test('the second load comes from the cache, also without a network', async () => {
  const first = network()
  const progress: Progress[] = []
  const model = await loadModel(tinyModel, { device: 'wasm', onProgress: (p) => progress.push(p) })
  expect(first).not.toContain('config.json')
  expect(model.bytes.fromCache).toBe(0)
  const downloads = progress.filter(({ phase }) => phase === 'download')
  expect(downloads.at(-1)).toMatchObject({ done: model.bytes.total, total: model.bytes.total, unit: 'bytes' })
  expect(progress.at(-1)).toMatchObject({ phase: 'verify', done: 1, total: 1 })
  await model.backend.close()

  vi.unstubAllGlobals()
  const second = network()
  const again = await load()
  expect(second).toEqual(['evo.json'])
  expect(again.bytes).toEqual({ total: model.bytes.total, fromCache: model.bytes.total })
  await again.backend.close()

  offline()
  const third = await load()
  expect(third.manifest).toEqual(model.manifest)
  await third.backend.close()
})

test('a manifest that breaks off is as none: what was kept is used', async () => {
  const breaksOff = () =>
    new Response(new ReadableStream({ start: (controller) => controller.error(new TypeError('cut off')) }))
  network({ 'evo.json': breaksOff })
  await expect(ModelFolder.open(tinyModel)).rejects.toMatchObject({ name: 'ModelFetchError' })
  vi.unstubAllGlobals()
  const known = await ModelFolder.open(tinyModel)
  await known.keep()
  network({ 'evo.json': breaksOff })
  expect((await ModelFolder.open(tinyModel)).manifest).toEqual(known.manifest)
})

test('files are asked of the server anew: an older version may be in the browser by their names', async () => {
  const real = window.fetch
  const asked: (RequestCache | undefined)[] = []
  vi.stubGlobal('fetch', (url: URL, options?: RequestInit) => {
    asked.push(options?.cache)
    return real(url, options)
  })
  await (await ModelFolder.open(tinyModel)).read(['tokenizer.json', 'config.json'])
  expect(asked).toEqual(['no-cache', 'no-cache', 'no-cache'])
})

test.each(['onnx/represent.onnx', 'head.safetensors', 'tokenizer.json', 'golden.wasm.safetensors'])(
  'a corrupted %s is refused by name',
  async (path) => {
    network({ [path]: flipLast })
    const refused = { name: 'ModelCorruptError', file: path, message: expect.stringContaining('SHA-256') }
    await expect(load()).rejects.toMatchObject(refused)
  },
)

test('a file cut short, or too long, is refused by name', async () => {
  network({ 'head.safetensors': (bytes) => bytes.slice(0, 1000) })
  await expect(load()).rejects.toThrow(/head\.safetensors is corrupt: it has 1000 bytes, not \d+/)
  vi.unstubAllGlobals()
  network({ 'head.safetensors': (bytes) => Uint8Array.of(...bytes, 0) })
  await expect(load()).rejects.toThrow(/head\.safetensors is corrupt: it has more than its/)
})

test('a corrupted copy in the cache is fetched anew', async () => {
  const files = ['tokenizer.json']
  await (await ModelFolder.open(tinyModel)).read(files)
  const cache = await caches.open((await caches.keys())[0])
  const [request] = await cache.keys()
  await cache.put(request, new Response('{}'))
  const fetched = network()
  const again = await ModelFolder.open(tinyModel)
  expect((await again.read(files)).get(files[0])!.length).toBe(again.manifest.files[files[0]].bytes)
  expect(fetched).toEqual(['evo.json', ...files])
})

test('files of an older version of the model are dropped once the newer one is loaded', async () => {
  const old = await ModelFolder.open(tinyModel)
  await old.read(['tokenizer.json', 'config.json'])
  await old.keep()
  network({ 'evo.json': rewriteManifest(({ files }) => delete files['config.json']) })
  await (await ModelFolder.open(tinyModel)).keep()
  const cache = await caches.open((await caches.keys())[0])
  expect(await cache.keys()).toHaveLength(2)
})

test('what is not there is said with its address', async () => {
  await expect(loadModel(new URL('nowhere/', folder).href)).rejects.toMatchObject({
    name: /Model(Fetch|Corrupt)Error/,
  })
  network({ 'head.safetensors': () => new Response('gone', { status: 410, statusText: 'Gone' }) })
  await expect(load()).rejects.toMatchObject({
    name: 'ModelFetchError',
    url: `${folder}head.safetensors`,
    reason: 'HTTP 410 Gone',
  })
  offline()
  await expect(load()).rejects.toMatchObject({ name: 'ModelFetchError', url: `${folder}evo.json` })
})

test('a page in place of the model, as some servers answer to any address, is said to be one', async () => {
  const page = new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } })
  network({ 'evo.json': () => page.clone() })
  await expect(load()).rejects.toMatchObject({
    name: 'ModelFetchError',
    url: `${folder}evo.json`,
    reason: expect.stringContaining('web page'),
  })
})

const redirected =
  (origin: string): Change =>
  (bytes) =>
    Object.defineProperties(new Response(bytes), {
      redirected: { value: true },
      url: { value: `${origin}/elsewhere` },
    })

test.each(['evo.json', 'tokenizer.json'])(
  '%s may move within its origin; a redirect to another is refused',
  async (path) => {
    network({ [path]: redirected('https://models.example') })
    await expect(load()).rejects.toMatchObject({
      name: 'ModelFetchError',
      url: `${folder}${path}`,
      reason: expect.stringContaining('https://models.example'),
    })
    vi.unstubAllGlobals()
    network({ [path]: redirected(location.origin) })
    await (await load()).backend.close()
  },
)

test('a newer format is refused before anything is fetched', async () => {
  const fetched = network({ 'evo.json': rewriteManifest((manifest) => (manifest.format = FORMAT + 1)) })
  await expect(load()).rejects.toMatchObject({
    name: 'NewerFormatError',
    format: FORMAT + 1,
    supported: FORMAT,
  })
  expect(fetched).toEqual(['evo.json'])
})

test('an aborted load stops with the reason, while it fetches or computes', async () => {
  for (const when of ['download', 'verify']) {
    const abort = new AbortController()
    const reason = new Error(`enough of ${when}`)
    const loading = loadModel(tinyModel, {
      device: 'wasm',
      signal: abort.signal,
      onProgress: ({ phase }) => phase === when && abort.abort(reason),
    })
    await expect(loading).rejects.toBe(reason)
  }
})

test('a device that computes other numbers than the golden ones is refused by name', async () => {
  let wrong: Uint8Array<ArrayBuffer>
  const real = new Uint8Array(await (await fetch(`${folder}golden.wasm.safetensors`)).arrayBuffer())
  wrong = real.slice()
  new DataView(wrong.buffer).setFloat32(wrong.length - 4, 1.5, true)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', wrong))
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  network({
    'golden.wasm.safetensors': () => wrong,
    'evo.json': rewriteManifest(({ files }) => (files['golden.wasm.safetensors'].sha256 = sha256)),
  })
  await expect(loadModel(tinyModel, { device: 'auto' })).rejects.toMatchObject({
    name: 'NoDeviceError',
    tried: [
      { device: 'webgpu', reason: expect.stringContaining('software adapter') },
      {
        device: 'wasm',
        reason: expect.stringMatching(
          /wrong numbers: golden \w+\[\d+\] is off by \S+ of its length, 0\.1 is allowed/,
        ),
      },
    ],
  })
})

test('auto passes over the software adapter, and says so', async () => {
  const { backend, passedOver } = await loadModel(tinyModel)
  expect(backend.device).toBe('wasm')
  expect(passedOver).toEqual([{ device: 'webgpu', reason: expect.stringContaining('software adapter') }])
  await backend.close()
})
