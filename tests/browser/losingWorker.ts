/** A worker whose device is lost whenever one of its first `losses` lives is asked to embed. */

import { get, set } from 'idb-keyval'
import { DeviceLostError } from '../../src/errors'
import { serve, type Loaded, type Task } from '../../src/host'

serve(async (_, { database, model: losses }) => {
  const life = (await get<number>(database)) ?? 0
  await set(database, life + 1)
  let lose!: () => void
  return {
    info: { deviceDescription: `life ${life}` },
    handlers: {
      embed: (_: Task, texts: string[]) => {
        if (life >= Number(losses)) return texts.map((text) => Float32Array.of(text.length))
        lose()
        return new Promise<never>(() => {})
      },
      info: () => new Promise<never>(() => {}),
    },
    broken: new Promise<never>((_, reject) => {
      lose = () => reject(new DeviceLostError('webgpu', `life ${life} is over`))
    }),
  } as unknown as Loaded
})
