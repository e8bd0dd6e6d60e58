/** The composition root: the only place where the parts meet. */

import { inTurns } from '../src/backend/inTurns'
import { serve } from '../src/host'
import { loadModel } from '../src/model'
import { createService } from '../src/service'
import { Store } from '../src/store'
import { Template } from '../src/template'

serve(async ({ signal, progress }, { model: url, device, database }) => {
  const store = new Store(database)
  await store.heads() // a storage that cannot be used is said before anything is downloaded
  const model = await loadModel(url, { device, signal, onProgress: progress })
  const { manifest, tokenizer, passedOver, bytes } = model
  const { d, m } = manifest
  const backend = inTurns(model.backend)
  const template = new Template(manifest.template)
  return {
    handlers: createService({ manifest, tokenizer, template, backend }, store, database),
    info: {
      model: `${manifest.name} ${manifest.version}`,
      space: manifest.space,
      device: backend.device,
      deviceDescription: backend.description,
      passedOver,
      dimensions: 2 * d + m,
      staticDimensions: d,
      capacity: manifest.C,
      maxTokens: manifest.maxTokens,
      bytes,
    },
  }
})
