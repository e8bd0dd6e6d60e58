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
  /** The model's files, those that the device needs among them. What it throws ends the choice, unless another device works. */
  files(device: Device): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>
  /** Throws, saying why, when the device computes wrong numbers. */
  check(backend: Backend): Promise<void>
  /** What a device reads to be timed. */
  sample(): TokenBatch
  signal?: AbortSignal
}

/** A device that computes right, and the milliseconds it takes for a token. */
interface Working {
  backend: Backend
  pace: number
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
  const working: Working[] = []
  const names = preference === 'auto' ? (Object.keys(devices) as DeviceName[]) : [preference]
  for (const name of names) {
    const timed = working.length > 0 || name !== names.at(-1)
    try {
      const tried = await tryOut(await devices[name](), preference === 'auto', timed, trial)
      if (typeof tried === 'string') {
        passedOver.push({ device: name, reason: tried })
        continue
      }
      working.push(tried)
    } catch (error) {
      trial.signal?.throwIfAborted()
      if (!working.length) throw error // a rival that cannot be had is no reason to have nothing
      passedOver.push({ device: name, reason: reasonOf(error) })
    }
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

/** The device, opened, checked and, if `timed`, with its pace, or why it cannot be used. Throws what `files` throws. */
async function tryOut(
  device: Device,
  mayBeUnsuited: boolean,
  timed: boolean,
  { dimensions, files, check, sample, signal }: Trial,
): Promise<Working | string> {
  const unsuited = mayBeUnsuited && (await device.unsuited?.().catch(reasonOf))
  if (unsuited) return unsuited
  const loaded = await files(device)
  let backend: Backend | undefined
  try {
    backend = await device.open(dimensions, loaded)
    await check(backend)
    return { backend, pace: timed ? await measure(backend, sample()) : 0 }
  } catch (error) {
    await backend?.close().catch(() => {}) // what it fails by comes first
    signal?.throwIfAborted()
    if (error instanceof ModelCorruptError) throw error
    return reasonOf(error)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
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
