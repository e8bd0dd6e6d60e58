/** Which device: the first that is suited, opens, computes the right numbers, and is not slow. */

import { ModelCorruptError, NoDeviceError } from '../errors'
import type { Backend, Device, DeviceName, Dimensions, TokenBatch } from './backend'

export type Preference = 'auto' | DeviceName

export interface Choice {
  backend: Backend
  /** Devices that were tried and passed over, and why. */
  passedOver: { device: DeviceName; reason: string }[]
}

export interface Trial {
  dimensions: Dimensions
  /** The model's files, those that the device needs among them. What it throws ends the choice. */
  files(device: Device): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>
  /** Throws, saying why, when the device computes wrong numbers. */
  check(backend: Backend): Promise<void>
  /** What a device reads to be timed. */
  sample(): TokenBatch
  signal?: AbortSignal
}

/** In the order `auto` tries them. */
export const devices: Record<DeviceName, () => Promise<Device>> = {
  webgpu: async () => (await import('./webgpu')).webgpu,
  wasm: async () => (await import('./wasm')).wasm,
}

/** Milliseconds a token: WASM on one thread of an old laptop takes about that, so a slower device has a rival. */
const SLOW = 0.5

/** @throws NoDeviceError with the reason of each device that was tried. */
export async function chooseDevice(preference: Preference, trial: Trial): Promise<Choice> {
  const passedOver: Choice['passedOver'] = []
  const working: { backend: Backend; pace: number }[] = []
  const names = preference === 'auto' ? (Object.keys(devices) as DeviceName[]) : [preference]
  for (const name of names) {
    const device = await devices[name]()
    const unsuited = preference === 'auto' ? await device.unsuited?.() : undefined
    const backend = unsuited ?? (await open(device, trial))
    if (typeof backend === 'string') {
      passedOver.push({ device: name, reason: backend })
      continue
    }
    const hasRival = working.length > 0 || name !== names.at(-1)
    working.push({ backend, pace: hasRival ? await measure(backend, trial.sample()) : 0 })
    if (working[0].pace <= SLOW) break
  }
  const [best, ...slower] = working.sort((a, b) => a.pace - b.pace)
  if (!best) throw new NoDeviceError(passedOver)
  for (const { backend, pace } of slower) {
    const reason = `it takes ${pace.toFixed(2)} ms a token, ${best.backend.device} ${best.pace.toFixed(2)} ms`
    passedOver.push({ device: backend.device, reason })
    await backend.close()
  }
  return { backend: best.backend, passedOver }
}

/** The device, opened and checked, or why it cannot be used. */
async function open(device: Device, { dimensions, files, check, signal }: Trial): Promise<Backend | string> {
  const loaded = await files(device)
  let backend: Backend | undefined
  try {
    backend = await device.open(dimensions, loaded)
    await check(backend)
    return backend
  } catch (error) {
    await backend?.close()
    signal?.throwIfAborted()
    if (error instanceof ModelCorruptError) throw error
    return error instanceof Error ? error.message : String(error)
  }
}

/** Milliseconds a token, once what is compiled at the first run is compiled. */
async function measure(backend: Backend, sample: TokenBatch): Promise<number> {
  const readings = backend.readings(sample.lengths.length)
  try {
    await backend.read(sample, readings)
    const start = performance.now()
    await backend.read(sample, readings)
    await readings.statics()
    return (performance.now() - start) / sample.ids.length
  } finally {
    readings.release()
  }
}
