/** The demo page: one engine, one session, and the parts that show it. `?model=` and `?device=` override the defaults. */

import { createEngine } from '../src/index'
import { mountAsk } from './ask'
import { mountCompose } from './compose'
import { mountConversations } from './conversations'
import { mountDevice } from './device'
import { byId } from './dom'
import { mountLoad } from './load'
import { withProgress } from './messages'
import { SAMPLE } from './questions'
import { Session } from './state'
import { mountTimeline } from './timeline'

const parameters = new URLSearchParams(location.search)

await withProgress(async (options) => {
  const engine = await createEngine({
    model: parameters.get('model') ?? new URL('models/evo-mini/', document.baseURI).href,
    device: (parameters.get('device') ?? 'auto') as 'auto' | 'webgpu' | 'wasm',
    ...options,
  })
  const session = new Session(engine)
  mountDevice(session)
  const conversations = mountConversations(session)
  const timeline = mountTimeline(session, conversations.fork)
  mountAsk(session, timeline)
  mountCompose(session)
  mountLoad(session)
  await session.open(SAMPLE, options)
  document.body.dataset.ready = ''
})
if (!('ready' in document.body.dataset)) byId('device', HTMLDetailsElement).dataset.state = 'failed'
