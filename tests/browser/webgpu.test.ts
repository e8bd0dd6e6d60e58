/** What only the WebGPU device does; what every device does is in backend.test.ts. */

import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../src/backend/backend'
import { webgpu } from '../../src/backend/webgpu'
import { loadModel } from '../../src/model'
import { loadRuntime } from '../../src/runtime'
import { tinyModel } from './tinyModel'

let backend: Backend
beforeAll(async () => void ({ backend } = await loadModel(tinyModel, { device: 'webgpu' })))

test('auto passes a software adapter over, naming it', async () => {
  expect(await webgpu.unsuited!()).toMatch(/swiftshader is a software adapter$/i)
})

test('when the device is lost, it says so, and all work fails by that name', async () => {
  const one = {
    ids: Int32Array.of(2, 5, 3),
    lengths: Uint32Array.of(3),
    columns: 3,
    positions: Uint32Array.of(0),
  }
  const readings = backend.readings(1, { states: true })
  await backend.read(one, readings)
  const queue = await backend.openQueue({ step: 0, latents: new Uint16Array(), statics: new Float32Array() })

  const device: GPUDevice = await (await loadRuntime('webgpu')).env.webgpu.device
  device.destroy()

  expect(await backend.lost).toMatch(/destroyed/i)
  const lost = { name: 'DeviceLostError', device: 'webgpu' }
  await expect(readings.statics()).rejects.toMatchObject(lost)
  await expect(readings.late()).rejects.toMatchObject(lost)
  await expect(readings.states()).rejects.toMatchObject(lost)
  await expect(queue.advance(readings, 0, 1)).rejects.toMatchObject(lost)
  expect(queue.step).toBe(0)
  await expect(backend.read(one, readings)).rejects.toMatchObject(lost)
})
