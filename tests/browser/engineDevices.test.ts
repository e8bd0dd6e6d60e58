import { expect, test } from 'vitest'
import { numbers, openEngine, portrait, turns } from './engines'
import { ACROSS_DEVICES, difference } from './tinyModel'

test('a memory written on one device goes on on the other as if nothing had happened', async () => {
  const database = crypto.randomUUID()
  const wasm = await openEngine({ database })
  const webgpu = await openEngine({ database, device: 'webgpu' })
  expect([wasm.info.device, webgpu.info.device]).toEqual(['wasm', 'webgpu'])
  const [here, there] = [await wasm.conversation('chat'), await webgpu.conversation('chat')]
  const alone = await wasm.conversation('alone')
  await alone.append(turns(40))

  await here.append(turns(15))
  await there.append(turns(15, 15))
  await here.append(turns(10, 30))
  expect(difference(numbers(await portrait(here)), numbers(await portrait(there)))).toBeLessThan(
    ACROSS_DEVICES,
  )
  expect(difference(numbers(await portrait(here)), numbers(await portrait(alone)))).toBeLessThan(
    ACROSS_DEVICES,
  )
})

test('on WebGPU too, a search is answered while a long append is under way, and an abort leaves no trace', async () => {
  const engine = await openEngine({ device: 'webgpu' })
  const chat = await engine.conversation('chat')
  await chat.append(turns(10))
  const before = await portrait(chat)
  const abort = new AbortController()
  let searching: Promise<unknown> | undefined
  const appending = chat.append(turns(600, 10), {
    signal: abort.signal,
    onProgress: () => {
      searching ??= portrait(chat).then((during) => {
        abort.abort()
        return during
      })
    },
  })
  await expect(appending).rejects.toMatchObject({ name: 'AbortError' })
  expect(await searching).toEqual(before)
  expect(await portrait(chat)).toEqual(before)
})
