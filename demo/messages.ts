/** Messages to the user: errors by name, and the progress of what takes a while. */

import type { Progress } from '../src/index'
import { byId, textButton } from './dom'
import { inBytes, isAbort, titleOf } from './wording'

const PHASES: Record<Progress['phase'], string> = {
  download: 'Downloading the model',
  compile: 'Compiling the model',
  verify: 'Checking the model on this device',
  read: 'Reading',
  reread: 'Reading again with another model',
  repair: 'Repairing',
  import: 'Importing',
  export: 'Exporting',
}

export function showError(error: unknown) {
  if (isAbort(error)) return showMessage('Cancelled', 'Everything is as it was.')
  console.warn(error)
  showMessage(titleOf(error), error instanceof Error ? error.message : String(error))
}

export function showMessage(title: string, text: string) {
  const message = document.createElement('p')
  const heading = document.createElement('b')
  heading.textContent = title
  message.append(
    heading,
    ` ${text} `,
    textButton('Dismiss', () => message.remove()),
  )
  byId('messages', HTMLDivElement).replaceChildren(message)
}

/** Runs what may fail or take a while: shows its progress, its Cancel button, and its error by name. */
export async function withProgress<T>(
  run: (options: { signal: AbortSignal; onProgress: (progress: Progress) => void }) => Promise<T>,
): Promise<T | undefined> {
  const panel = byId('progress', HTMLDivElement)
  const cancel = byId('progress-cancel', HTMLButtonElement)
  const controller = new AbortController()
  const abort = () => controller.abort()
  let running = true
  cancel.addEventListener('click', abort)
  cancel.hidden = false
  try {
    return await run({
      signal: controller.signal,
      onProgress: (progress) => running && showProgress(progress),
    })
  } catch (error) {
    showError(error)
    return undefined
  } finally {
    running = false
    cancel.removeEventListener('click', abort)
    panel.hidden = true
  }
}

function showProgress({ phase, done, total, unit }: Progress) {
  byId('progress', HTMLDivElement).hidden = false
  const bar = byId('progress-bar', HTMLProgressElement)
  bar.max = total || 1
  bar.value = done
  const amount = unit === 'bytes' ? `${inBytes(done)} of ${inBytes(total)}` : `${done} of ${total}`
  bar.textContent = amount
  byId('progress-amount', HTMLSpanElement).textContent = total > 1 ? amount : ''
  const text = byId('progress-text', HTMLParagraphElement)
  // Announced once a phase, not once a step.
  if (text.textContent !== PHASES[phase]) text.textContent = PHASES[phase]
}
