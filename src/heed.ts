/**
 * Lets the messages that wait be heard, an abort among them: work on WASM holds the worker's thread.
 * @throws the signal's reason
 */
export async function heed(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
  signal.throwIfAborted()
}
