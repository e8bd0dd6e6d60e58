/** A model, loaded, verified, and on a device that computes the right numbers. */

import type { Backend } from './backend/backend'
import { chooseDevice, type Choice, type Preference } from './backend/select'
import { batches } from './batches'
import { checkGolden, readGolden, type Golden } from './golden'
import type { Manifest } from './manifest'
import { ModelFolder, type Files } from './modelFolder'
import type { CallOptions } from './protocol'
import { Tokenizer } from './tokenizer'

const TOKENIZER = ['tokenizer.json', 'tokenizer_config.json']

/** Rows and tokens of the batch that a device is timed with. */
const SAMPLE = 16

export interface Model extends Choice {
  manifest: Manifest
  tokenizer: Tokenizer
  backend: Backend
  /** Bytes of the model's files, and how many of them came from the cache. */
  bytes: { total: number; fromCache: number }
}

/**
 * Loads the model at `url`: fetches what the device needs, verifies it, opens the device, and checks it against the
 * golden vectors. `auto` goes on to the next device when one cannot be used.
 * @throws InsecureContextError, ModelFetchError, ModelCorruptError, NewerFormatError, NoDeviceError, the signal's reason
 */
export async function loadModel(
  url: string,
  { device = 'auto', signal, onProgress }: CallOptions & { device?: Preference } = {},
): Promise<Model> {
  const folder = await ModelFolder.open(url, signal)
  const { manifest } = folder
  const files: Files = new Map()
  let tokenizer: Tokenizer | undefined
  let golden: Golden | undefined

  const choice = await chooseDevice(device, {
    dimensions: manifest,
    signal,
    async files(device) {
      const wanted = [...TOKENIZER, manifest.golden.devices[device.name].vectors, ...device.files].filter(
        (path) => !files.has(path),
      )
      for (const [path, bytes] of await folder.read(wanted, { signal, onProgress })) files.set(path, bytes)
      tokenizer ??= new Tokenizer(files.get(TOKENIZER[0])!, files.get(TOKENIZER[1])!)
      golden = readGolden(manifest, device.name, tokenizer, files)
      onProgress?.({ phase: 'compile', done: 0, total: 1, unit: 'steps', detail: device.name })
      return files
    },
    async check(backend) {
      onProgress?.({ phase: 'compile', done: 1, total: 1, unit: 'steps', detail: backend.device })
      onProgress?.({ phase: 'verify', done: 0, total: 1, unit: 'steps', detail: backend.device })
      await checkGolden(backend, golden!, signal)
      onProgress?.({ phase: 'verify', done: 1, total: 1, unit: 'steps', detail: backend.device })
    },
    sample() {
      const tokens = golden!.segments.flatMap((ids) => [...ids]).slice(0, SAMPLE)
      const rows = Array.from({ length: SAMPLE }, () => Int32Array.from(tokens))
      return batches(rows, { mostTokens: SAMPLE * SAMPLE, runTokens: 1 })[0]
    },
  })
  await folder.keep()
  return { manifest, tokenizer: tokenizer!, ...choice, bytes: folder.bytes }
}
