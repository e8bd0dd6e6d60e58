/** Adding one turn to the open conversation. */

import { byId } from './dom'
import { showError } from './messages'
import type { Session } from './state'
import { wallClockNow } from './wording'

export function mountCompose(session: Session) {
  const form = byId('compose', HTMLFormElement)
  const speaker = byId('speaker', HTMLInputElement)
  const turn = byId('turn', HTMLTextAreaElement)
  const button = byId('append', HTMLButtonElement)

  turn.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    form.requestSubmit()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void add()
  })

  async function add() {
    const text = turn.value.trim()
    if (!text || button.disabled) return
    button.disabled = true
    try {
      await session.append({ text, role: speaker.value.trim() || undefined, time: wallClockNow() })
      turn.value = ''
      turn.focus()
    } catch (error) {
      showError(error)
    } finally {
      button.disabled = false
    }
  }

  session.on(['opening'], () => {
    for (const control of [speaker, turn, button]) control.disabled = session.opening
  })
  session.on(['open'], async () => {
    const recent = await session.chat.segments({ from: Math.max(0, session.step - 64) }).catch(() => [])
    const roles = [...new Set(recent.flatMap(({ role }) => role ?? []))]
    byId('speakers', HTMLDataListElement).replaceChildren(...roles.map((role) => new Option(role)))
    speaker.value = roles[0] ?? ''
  })
}
