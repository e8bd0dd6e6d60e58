/**
 * A SharedWorker, so one for all tabs: it hands each tab's port on to the worker that leads the tab's group. It computes
 * nothing, as a SharedWorker can start no workers of its own (Chromium), and ONNX Runtime needs them for its threads.
 */

import type { Notice } from '../src/sharing'

const leaders = new Map<string, MessagePort>()

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports
  port.onmessage = ({ data: { group, offer } }: MessageEvent<Notice>) => {
    // Without a leader, or with one that is gone, the offer is lost: its tab hears when there is another.
    if (offer) leaders.get(group)?.postMessage(offer, [offer])
    else {
      leaders.set(group, port)
      new BroadcastChannel(group).postMessage('led')
    }
  }
})
