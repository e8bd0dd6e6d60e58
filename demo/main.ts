/** The demo page: one engine, one session, and the parts that show it. `?model=` and `?device=` override the defaults. */

import { createEngine, InvalidArgumentError } from '../src/index'
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

/** A link to this page must not bring a model from elsewhere. */
function ownModel(path: string): URL {
  const url = new URL(path, document.baseURI)
  if (url.origin !== location.origin)
    throw new InvalidArgumentError('model', path, `a folder on ${location.origin}`)
  return url
}

const engine = await withProgress((options) =>
  createEngine({
    model: ownModel(parameters.get('model') ?? 'models/evo-mini/'),
    device: (parameters.get('device') ?? 'auto') as 'auto' | 'webgpu' | 'wasm',
    onModelChange: 'reread',
    ...options,
  }),
)
if (engine) {
  const session = new Session(engine)
  mountDevice(session)
  const conversations = mountConversations(session)
  mountAsk(session, mountTimeline(session, conversations.fork))
  mountCompose(session)
  mountLoad(session)
  await withProgress((options) => session.open(SAMPLE, options))
  await conversations.draw()
  byId('intro', HTMLDivElement).hidden = true
} else {
  byId('device', HTMLDetailsElement).dataset.state = 'failed'
  byId('device-name', HTMLSpanElement).textContent = 'Not running'
}
