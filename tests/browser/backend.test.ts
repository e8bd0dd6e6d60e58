/** What every device must do, on every device; and that they agree with each other. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Batching, DeviceName } from '../../src/backend/backend'
import { ENCODERS } from '../../src/backend/files'
import { wasm } from '../../src/backend/wasm'
import { webgpu } from '../../src/backend/webgpu'
import { batches } from '../../src/batches'
import { lateInteraction } from '../../src/lateInteraction'
import { embedStatic, Memory } from '../../src/memory'
import { loadModel, type Model } from '../../src/model'
import { ModelFolder } from '../../src/modelFolder'
import { toFloat32 } from '../../src/safetensors'
import { difference, empty, OF_CODES, readParity, stateOf, tinyModel, turns } from './tinyModel'

const devices: DeviceName[] = ['wasm', 'webgpu']

/** Bulk against one by one: rounding alone. */
const ROUNDING = 1e-4

/** One device against another after 300 steps: an f16 latent that rounds the other way is read by those after it. */
const ACROSS_DEVICES = 1e-3

/** The tensors of a case that PyTorch computed, by their names. */
async function reference(graph: string, name: string) {
  const tensors = (await readParity()).get(graph)!.get(name)!
  return (tensor: string) => toFloat32(tensors.get(tensor)!)
}

describe.each(devices)('on %s', (device) => {
  let model: Model
  let C: number
  let width: number

  beforeAll(async () => {
    // Loading checks the golden vectors: parity with the PyTorch reference within evo.json's tolerance.
    model = await loadModel(tinyModel, { device })
    const { d, m } = model.manifest
    C = model.manifest.C
    width = 2 * d + m
  })
  afterAll(() => model.backend.close())

  const open = (state = empty) => Memory.open(model.backend, state)
  const read = (count: number) => turns(model.tokenizer, count)
  const statesOf = async (texts: Int32Array[], batching: Batching) => {
    const readings = model.backend.readings(texts.length, { states: true })
    for (const batch of batches(texts, batching)) await model.backend.read(batch, readings)
    const states = await readings.states()
    readings.release()
    return states
  }
  const ask = (memory: Memory) =>
    memory.embedQueries([model.tokenizer.encode('where is the canoe?')]).then(({ vectors }) => vectors)

  test('it loads, and says which device it is', () => {
    expect(model.backend.device).toBe(device)
    expect(model.passedOver).toEqual([])
    expect(model.backend.description).not.toBe('')
  })

  test('bulk and one by one give the same vectors, beyond a full queue', async () => {
    const segments = read(2 * C + 5)
    const bulk = await (await open()).append(segments)
    const memory = await open()
    for (const [i, segment] of segments.entries()) {
      const one = await memory.append([segment])
      memory.commit()
      expect(difference(one.embeddings, bulk.embeddings.subarray(i * width, (i + 1) * width))).toBeLessThan(
        ROUNDING,
      )
    }
    expect(memory.step).toBe(segments.length)
  })

  test('any split of an append gives the same vectors', async () => {
    const segments = read(C + 70)
    const whole = await (await open()).append(segments)
    const memory = await open()
    const parts = []
    for (const [from, to] of [
      [0, 1],
      [1, C],
      [C, C + 1],
      [C + 1, C + 70],
    ])
      // prettier-ignore
      parts.push((await memory.append(segments.slice(from, to))).embeddings)
    expect(
      difference(
        parts.flatMap((part) => [...part]),
        whole.embeddings,
      ),
    ).toBeLessThan(ROUNDING)
  })

  test('a segment of one token is read, and nothing at all is nothing', async () => {
    const memory = await open()
    const { embeddings, tokens } = await memory.append([Int32Array.of(5)])
    expect(embeddings).toHaveLength(width)
    expect(tokens).toEqual([new Int8Array()])
    expect(difference(embeddings, embeddings)).toBe(0)
    expect(await memory.append([])).toEqual({
      latents: new Uint16Array(),
      embeddings: new Float32Array(),
      tokens: [],
    })
    expect(memory.step).toBe(1)
  })

  test('the first part of an embedding is the static embedding, of length 1', async () => {
    const segments = read(9)
    const { d } = model.manifest
    const { embeddings } = await (await open()).append(segments)
    const statics = await embedStatic(model.backend, segments)
    for (let i = 0; i < segments.length; i++) {
      const unit = statics.subarray(i * d, (i + 1) * d)
      expect(difference(unit, embeddings.subarray(i * width, i * width + d))).toBeLessThan(ROUNDING)
      expect(Math.hypot(...unit)).toBeCloseTo(1, 5)
    }
  })

  test('a memory opened from storage goes on as the one that was', async () => {
    for (const before of [1, C - 1, C, C + 3]) {
      const segments = read(before + 4)
      const memory = await open()
      const state = stateOf(model.backend, await memory.append(segments.slice(0, before)))
      memory.commit()
      const resumed = await open(state)
      expect(await ask(resumed)).toEqual(await ask(memory))
      const rest = segments.slice(before)
      expect(await resumed.append(rest)).toEqual(await memory.append(rest))
    }
  })

  test('tokens of texts read together are those of each alone, special ones left out', async () => {
    const { t } = model.manifest
    const segments = read(20)
    const { tokens } = await (await open()).append(segments)
    for (const [i, segment] of segments.entries()) {
      const [alone] = (await (await open()).append([segment])).tokens
      expect(alone).toHaveLength((segment.length - 2) * t)
      // A code may fall either way.
      expect(difference(tokens[i], alone)).toBeLessThanOrEqual(1)
    }
    const { late } = await (await open()).embedQueries(segments)
    for (const [i, query] of late.entries()) {
      const scores = lateInteraction(query, tokens, [...tokens.keys()], 0).map(({ score }) => score)
      expect(scores[i]).toBeGreaterThan(0.98)
      expect(Math.max(...scores)).toBeLessThan(1.02)
    }
  })

  test('states of tokens, special ones included, are those of each text alone, however texts are batched', async () => {
    const { d } = model.manifest
    const texts = read(2 * C + 5)
    const states = await statesOf(texts, { mostTokens: 40, runTokens: 14 })
    const atOnce = await statesOf(texts, { mostTokens: 4096, runTokens: 4096 })
    for (const [i, text] of texts.entries()) {
      expect(states[i]).toHaveLength(text.length * d)
      const [alone] = await statesOf([text], model.backend.batching)
      expect(difference(alone, states[i])).toBeLessThan(ROUNDING)
      expect(difference(atOnce[i], states[i])).toBeLessThan(ROUNDING)
    }
  })

  test("states of tokens are those of PyTorch's middle layer", async () => {
    const { d } = model.manifest
    const graph = ENCODERS[device].replace(/^.*\/|\.onnx$/g, '')
    const tensor = await reference(graph, 'padded')
    const [ids, mask, expected] = ['input_ids', 'attention_mask', 'middle_hidden_state'].map(tensor)
    const rounding = device === 'wasm' ? OF_CODES : ROUNDING
    const rows = 3
    const columns = expected.length / d / rows
    for (let row = 0; row < rows; row++) {
      const length = mask.subarray(row * columns, (row + 1) * columns).reduce((sum, one) => sum + one)
      const text = Int32Array.from(ids.subarray(row * columns, row * columns + length))
      const [states] = await statesOf([text], model.backend.batching)
      const from = row * columns * d
      expect(difference(states, expected.subarray(from, from + length * d))).toBeLessThan(rounding)
    }
  })

  test('readings that are to keep no states refuse to tell them', async () => {
    const readings = model.backend.readings(1)
    for (const batch of batches(read(1), model.backend.batching)) await model.backend.read(batch, readings)
    await expect(readings.states()).rejects.toThrow('keep no token states')
    readings.release()
  })

  test('a memory changes what a query means, and an empty one answers too', async () => {
    const memory = await open()
    const without = await ask(memory)
    await memory.append(read(3))
    const { d } = model.manifest
    expect(difference(await ask(memory), without)).toBeGreaterThan(0)
    expect(difference((await ask(memory)).subarray(0, d), without.subarray(0, d))).toBe(0)
  })

  test('queries asked together are answered as if alone', async () => {
    const memory = await open()
    await memory.append(read(C + 2))
    const queries = read(7)
    const { vectors, rows } = await memory.embedQueries(queries)
    for (const [i, query] of queries.entries()) {
      const alone = await memory.embedQueries([query])
      expect(difference(alone.vectors, vectors.subarray(i * width, (i + 1) * width))).toBeLessThan(ROUNDING)
      const size = alone.rows.length
      // f16 values: one that rounds the other way is a whole step of 2^-10 off.
      const expected = rows.subarray(i * size, (i + 1) * size)
      expect(
        alone.rows.every((value, j) => Math.abs(value - expected[j]) <= 2e-3 * (1 + Math.abs(value))),
      ).toBe(true)
    }
  })

  test('what is not committed can be dropped, what is committed cannot', async () => {
    const memory = await open()
    await memory.append(read(C + 1))
    memory.commit()
    const kept = await ask(memory)
    await memory.append(read(70))
    await memory.append(read(2))
    expect(memory.step).toBe(C + 73)
    memory.rollback()
    expect(memory.step).toBe(C + 1)
    expect(await ask(memory)).toEqual(kept)
    memory.rollback()
    expect(await ask(memory)).toEqual(kept)
  })

  test('an aborted append drops its tail and says why', async () => {
    const memory = await open()
    await memory.append(read(4))
    memory.commit()
    const kept = await ask(memory)
    const abort = new AbortController()
    const reason = new Error('enough')
    // From another task, as a message from the page would be: heard only if the work lets it in.
    const appended = memory.append(read(300), {
      signal: abort.signal,
      onProgress: ({ done }) => done > 100 && setTimeout(() => abort.abort(reason)),
    })
    await expect(appended).rejects.toBe(reason)
    expect(memory.step).toBe(4)
    expect(await ask(memory)).toEqual(kept)
  })

  test('progress rises to the number of segments', async () => {
    const seen: number[] = []
    await (await open()).append(read(300), { onProgress: ({ done, total }) => seen.push(done / total) })
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe(1)
  })

  test('a state that does not fit its step is refused', async () => {
    await expect(open({ ...empty, step: 3 })).rejects.toThrow(/step 3 needs 3 segments/)
  })

  test.each([1, 7, 48])('%i candidates are reranked as PyTorch does', async (count) => {
    const tensor = await reference('rerank', `${count} candidates`)
    const reranked = await model.backend.rerank({
      scores: tensor('score'),
      late: tensor('late'),
      found: tensor('found'),
      embeddings: tensor('embedding'),
      latents: tensor('latent'),
      steps: Int32Array.from(tensor('step')),
      query: tensor('query'),
      trust: tensor('trust')[0],
      queryStep: tensor('query_step')[0],
      queryRows: tensor('query_rows'),
      queryStates: tensor('query_states'),
    })
    expect(difference(reranked, tensor('reranked'))).toBeLessThan(ROUNDING)
  })
})

test('devices agree over 300 steps, where WASM too is given the encoder in f32', async () => {
  const results = []
  for (const device of [wasm, webgpu]) {
    const { backend: opened, tokenizer, manifest } = await loadModel(tinyModel, { device: device.name })
    await opened.close()
    const files = await (await ModelFolder.open(tinyModel)).read([...device.files, ENCODERS.webgpu])
    const backend = await device.open(manifest, files.set(ENCODERS.wasm, files.get(ENCODERS.webgpu)!))
    const memory = await Memory.open(backend, empty)
    const { embeddings } = await memory.append(turns(tokenizer, 300))
    const { vectors } = await memory.embedQueries(turns(tokenizer, 5))
    results.push({ embeddings, vectors })
    await backend.close()
  }
  const [one, other] = results
  expect(difference(one.embeddings, other.embeddings)).toBeLessThan(ACROSS_DEVICES)
  expect(difference(one.vectors, other.vectors)).toBeLessThan(ACROSS_DEVICES)
})
