/** The choice of a device, by devices made up to fail: what is passed over, and what ends it. */

import { afterEach, expect, test, vi } from 'vitest'
import type { Backend, Device, DeviceName } from '../../src/backend/backend'
import { chooseDevice, devices, type Trial } from '../../src/backend/select'
import { ModelFetchError } from '../../src/errors'

const real = { ...devices }
afterEach(() => void Object.assign(devices, real))

/** A device that reads four tokens in so many milliseconds. */
function device(name: DeviceName, milliseconds: number, faults: Partial<Device & Backend> = {}) {
  const readings = { statics: async () => new Float32Array(), release: () => {} }
  const backend = {
    device: name,
    readings: () => readings,
    read: () => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    close: vi.fn(async () => {}),
    ...faults,
  } as unknown as Backend
  devices[name] = async () => ({ name, files: [], open: async () => backend, ...faults })
  return backend
}

const trial: Trial = {
  dimensions: {} as Trial['dimensions'],
  files: async () => new Map(),
  check: async () => {},
  sample: () => ({ ids: new Int32Array(4), lengths: [4] }) as unknown as ReturnType<Trial['sample']>,
}

test('of two that work, the faster one', async () => {
  const slow = device('webgpu', 50)
  const fast = device('wasm', 0)
  const { backend, passedOver } = await chooseDevice('auto', trial)
  expect(backend).toBe(fast)
  expect(passedOver).toMatchObject([{ device: 'webgpu', reason: /ms a token/ }])
  expect(slow.close).toHaveBeenCalled()
})

test('a rival whose files cannot be had leaves what works', async () => {
  const slow = device('webgpu', 50)
  device('wasm', 0)
  const files: Trial['files'] = async ({ name }) => {
    if (name === 'wasm') throw new ModelFetchError('http://host/model', 'no network')
    return new Map()
  }
  const { backend, passedOver } = await chooseDevice('auto', { ...trial, files })
  expect(backend).toBe(slow)
  expect(passedOver).toMatchObject([{ device: 'wasm', reason: /no network/ }])
  expect(slow.close).not.toHaveBeenCalled()
})

test('files that the first device lacks end the choice', async () => {
  device('webgpu', 0)
  device('wasm', 0)
  const files = async () => Promise.reject(new ModelFetchError('http://host/model', 'no network'))
  await expect(chooseDevice('auto', { ...trial, files })).rejects.toThrow(ModelFetchError)
})

test.each<[string, Partial<Device & Backend>]>([
  ['tells nothing of its adapter', { unsuited: () => Promise.reject(new Error('broken')) }],
  ['fails while it is timed', { read: () => Promise.reject(new Error('broken')) }],
  [
    'fails, and cannot be closed either',
    { read: () => Promise.reject(new Error('broken')), close: () => Promise.reject() },
  ],
])('a device that %s is passed over', async (_, faults) => {
  device('webgpu', 0, faults)
  const works = device('wasm', 0)
  const { backend, passedOver } = await chooseDevice('auto', trial)
  expect(backend).toBe(works)
  expect(passedOver).toEqual([{ device: 'webgpu', reason: 'broken' }])
})

test('once aborted it ends, whatever works', async () => {
  const abort = new AbortController()
  device('webgpu', 50)
  device('wasm', 0)
  const files: Trial['files'] = async ({ name }) => {
    if (name === 'wasm') abort.abort(new Error('enough'))
    abort.signal.throwIfAborted()
    return new Map()
  }
  await expect(chooseDevice('auto', { ...trial, files, signal: abort.signal })).rejects.toThrow('enough')
})
