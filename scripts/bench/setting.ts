/** What a comparison is given. */

import { createEngine, type Engine } from '../../src/index'
import type { DeviceName } from '../../src/backend/backend'

export interface Setting {
  /** An engine on the device under test, with a database of its own unless it is named. Close it. */
  open(database?: string): Promise<Engine>
  device: DeviceName
  /** The model's folder. */
  model: URL
  /** URL path of the WASM files of transformers.js's ONNX Runtime. */
  runtime: string
  /** How many turns are read where encoding is timed. */
  turns: number
  /** One round, and small sizes: to see that it runs. */
  quick: boolean
}

export function setting(
  given: Pick<Setting, 'device' | 'runtime' | 'turns' | 'quick'> & { model: string },
): Setting {
  const model = new URL(given.model, location.href)
  return {
    ...given,
    model,
    open: (database = crypto.randomUUID()) => createEngine({ model, device: given.device, database }),
  }
}
