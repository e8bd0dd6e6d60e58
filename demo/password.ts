/** The dialog that asks for the password of an exported file. */

import { byId } from './dom'

const ASKED = {
  export: {
    heading: 'Export to a file',
    hint: 'Whoever gets the file can read the conversation, unless it has a password. There is no way back without it.',
    label: 'Password (or none)',
    submit: 'Export',
  },
  import: {
    heading: 'This file is encrypted',
    hint: 'It opens with the password that it was exported with.',
    label: 'Password',
    submit: 'Open',
  },
  'import again': {
    heading: 'It did not open',
    hint: 'The password was another one, or the file was changed.',
    label: 'Password',
    submit: 'Open',
  },
}

/** Empty for none; undefined when the user thought better of it. */
export function askPassword(purpose: keyof typeof ASKED): Promise<string | undefined> {
  const dialog = byId('password-dialog', HTMLDialogElement)
  const field = byId('password', HTMLInputElement)
  const { heading, hint, label, submit } = ASKED[purpose]
  byId('password-heading', HTMLHeadingElement).textContent = heading
  byId('password-hint', HTMLParagraphElement).textContent = hint
  byId('password-label', HTMLLabelElement).textContent = label
  byId('password-submit', HTMLButtonElement).textContent = submit
  field.required = purpose !== 'export'
  field.autocomplete = purpose === 'export' ? 'new-password' : 'current-password'
  byId('password-cancel', HTMLButtonElement).onclick = () => dialog.close()
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => {
    const closed = () => {
      const password = field.value
      field.value = ''
      resolve(dialog.returnValue === 'given' ? password : undefined)
    }
    dialog.addEventListener('close', closed, { once: true })
  })
}
