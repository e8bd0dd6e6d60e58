/** The dialog that reads a pasted or chosen text into a conversation of its own. */

import { byId } from './dom'
import { showError, withProgress } from './messages'
import { parseConversations, type ParsedConversation } from './parseChat'
import type { Session } from './state'
import { counted, isAbort } from './wording'

export function mountLoad(session: Session) {
  const dialog = byId('load-dialog', HTMLDialogElement)
  const text = byId('load-text', HTMLTextAreaElement)
  const file = byId('load-file', HTMLInputElement)
  const recordRow = byId('load-record-row', HTMLDivElement)
  const record = byId('load-record', HTMLSelectElement)
  const name = byId('load-name', HTMLInputElement)
  const preview = byId('load-preview', HTMLParagraphElement)
  const submit = byId('load-submit', HTMLButtonElement)
  let parsed: ParsedConversation[] = []
  let fileName = ''

  function read(source: string) {
    parsed = []
    preview.textContent = ''
    try {
      if (source.trim()) parsed = parseConversations(source)
    } catch (error) {
      preview.textContent = (error as Error).message
    }
    record.replaceChildren(
      ...parsed.map(
        ({ name, segments }, i) => new Option(`${name ?? `record ${i + 1}`} (${segments.length})`, String(i)),
      ),
    )
    recordRow.hidden = parsed.length < 2
    describe()
  }

  function describe() {
    const chosen = parsed[Number(record.value)]
    submit.disabled = !chosen
    if (!chosen) return
    const voices = new Set(chosen.segments.flatMap(({ role }) => role ?? []))
    preview.textContent =
      counted(chosen.segments.length, voices.size ? 'turn' : 'passage') +
      (voices.size
        ? ` by ${[...voices].slice(0, 4).join(', ')}${voices.size > 4 ? ' and others' : ''}`
        : '') +
      (chosen.questions.length ? `, ${counted(chosen.questions.length, 'question')}` : '')
    name.value = chosen.name ?? (fileName || `Pasted ${new Date().toLocaleString('en-GB')}`)
  }

  async function submitted() {
    const chosen = parsed[Number(record.value)]
    const wanted = name.value.trim()
    if (!chosen || !wanted) return
    const taken = (await session.engine.conversations()).some((known) => known.name === wanted)
    if (taken) {
      preview.textContent = `There is already a conversation "${wanted}": choose another name.`
      return
    }
    dialog.close()
    await withProgress((options) => session.create(wanted, chosen.segments, chosen.questions, options))
  }

  byId('load', HTMLButtonElement).addEventListener('click', () => {
    byId('load-form', HTMLFormElement).reset()
    fileName = ''
    read('')
    dialog.showModal()
  })
  byId('load-close', HTMLButtonElement).addEventListener('click', () => dialog.close())
  text.addEventListener('input', () => {
    fileName = ''
    file.value = ''
    read(text.value)
  })
  file.addEventListener('change', async () => {
    const [chosen] = file.files ?? []
    if (!chosen) return
    fileName = chosen.name.replace(/\.\w+$/, '')
    text.value = ''
    read(await chosen.text())
  })
  record.addEventListener('change', describe)
  byId('load-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    submitted().catch((error) => isAbort(error) || showError(error))
  })
}
