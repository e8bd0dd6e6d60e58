/**
 * A worker whose device is lost whenever one of its first `losses` lives is asked to embed. It is 'webgpu' unless 'wasm' is
 * asked for, which is never lost.
 */

import { get, set } from 'idb-keyval'
import { DeviceLostError } from '../../src/errors'
import { serve, type Loaded, type Task } from '../../src/host'

serve(async (_, { database, device, model: losses }) => {
  const life = (await get<number>(database)) ?? 0
  await set(database, life + 1)
  return {
    info: {
      device: device === 'wasm' ? 'wasm' : 'webgpu',
      deviceDescription: `life ${life}`,
      passedOver: [],
    },
    handlers: {
      embed: (_: Task, texts: string[]) => {
        if (device !== 'wasm' && life < Number(losses))
          throw new DeviceLostError('webgpu', `life ${life} is over`)
        return texts.map((text) => Float32Array.of(text.length))
      },
      /** Answered when the page has seen life 1. */
      info: (_: Task, name: string) =>
        new Promise<void>((resolve) => {
          new BroadcastChannel(name).onmessage = () => resolve()
        }),
    },
  } as unknown as Loaded
})
