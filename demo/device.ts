/** Where the engine runs and what it keeps, in the page's corner. */

import { byId, closeLikeMenu } from './dom'
import { showError, showMessage } from './messages'
import type { Session } from './state'
import { inBytes } from './wording'

const NAMES = { webgpu: 'WebGPU', wasm: 'WASM' }

export function mountDevice(session: Session) {
  const panel = byId('device', HTMLDetailsElement)
  closeLikeMenu(panel)
  panel.dataset.state = 'ready'

  async function draw() {
    const { info } = session.engine
    byId('device-name', HTMLSpanElement).textContent = `${info.model} on ${NAMES[info.device]}`
    if (session.ownsSomething) await session.engine.persist()
    const { usageBytes, quotaBytes, persisted } = await session.engine.storage()
    const facts: [string, string][] = [
      ['Device', `${NAMES[info.device]}: ${info.deviceDescription}`],
      ...info.passedOver.map(({ device, reason }): [string, string] => [`Not ${NAMES[device]}`, reason]),
      [
        'Model',
        `${info.model}, ${inBytes(info.bytes.total)}, ${inBytes(info.bytes.fromCache)} of it from the cache`,
      ],
      ['Vectors', `${info.dimensions} numbers, the first ${info.staticDimensions} static`],
      ['Memory', `the latents of the newest ${info.capacity} turns`],
      ['Space', info.space.slice(0, 12)],
      ['Storage', `${inBytes(usageBytes)} of ${inBytes(quotaBytes)}`],
      ['Kept', persisted ? 'until you delete it' : 'until the browser needs the room'],
    ]
    byId('device-facts', HTMLDListElement).replaceChildren(
      ...facts.flatMap(([term, fact]) => {
        const [dt, dd] = [document.createElement('dt'), document.createElement('dd')]
        dt.textContent = term
        dd.textContent = fact
        return [dt, dd]
      }),
    )
  }
  session.on(['open', 'grow'], () => void draw().catch(showError))
  session.engine.onDeviceChange(({ from, to, reason }) => {
    showMessage(`Now on ${NAMES[to]}`, `${NAMES[from]} is not used any more: ${reason}.`)
    void draw().catch(showError)
  })
}
