/** Choosing, exporting, importing, forking and deleting conversations. */

import { DecryptionError, PasswordRequiredError } from '../src/index'
import { byId, closeLikeMenu } from './dom'
import { showError, withProgress } from './messages'
import { askPassword } from './password'
import { keepQuestions, SAMPLE } from './questions'
import type { Session } from './state'

export function mountConversations(session: Session) {
  const picker = byId('conversation', HTMLSelectElement)
  const menu = byId('menu', HTMLDetailsElement)
  const importFile = byId('import-file', HTMLInputElement)
  const dialog = byId('delete-dialog', HTMLDialogElement)

  const names = async () => (await session.engine.conversations()).map(({ name }) => name)
  const open = (name: string) => withProgress((options) => session.open(name, options))

  async function draw() {
    const known = new Set([SAMPLE, ...(await names()), ...(session.name ? [session.name] : [])])
    picker.replaceChildren(
      ...[...known].map((name) => new Option(name === SAMPLE ? 'Sample conversation' : name, name)),
    )
    picker.value = session.name ?? ''
    menu.hidden = !session.name
    picker.disabled = false
    byId('load', HTMLButtonElement).disabled = false
  }

  async function save() {
    const { name } = session.chat
    const password = await askPassword('export')
    if (password === undefined) return
    const blob = await withProgress((options) =>
      session.chat.export({ ...options, ...(password && { password }) }),
    )
    if (!blob) return
    const link = document.createElement('a')
    link.href = URL.createObjectURL(blob)
    link.download = `${name.replace(/[^\p{L}\p{N}_-]+/gu, '-')}.evo`
    link.click()
    URL.revokeObjectURL(link.href)
  }

  async function bring(file: File) {
    const taken = new Set(await names())
    const wanted = file.name.replace(/\.\w+$/, '')
    const name = firstFree(wanted, taken)
    for (let given: { password?: string } = {}, again = false; ; again = true) {
      const wanting = await withProgress(async (options) => {
        try {
          await session.engine.import(file, { ...options, ...given, name })
        } catch (error) {
          if (error instanceof PasswordRequiredError || error instanceof DecryptionError) return true
          throw error
        }
        await session.open(name)
      })
      if (!wanting) return
      const password = await askPassword(again ? 'import again' : 'import')
      if (!password) return
      given = { password }
    }
  }

  async function remove() {
    await session.delete()
    await open((await names())[0] ?? SAMPLE)
  }

  /** A new conversation that goes on from an earlier step. */
  async function fork(step: number) {
    const { chat, questions } = session
    const name = firstFree(`${chat.name} up to turn ${step}`, new Set(await names()))
    await withProgress(async () => {
      await chat.fork(name, step)
      const reached = ({ evidence = [] }: { evidence?: number[] }) => evidence.every((i) => i < step)
      keepQuestions(name, {
        questions: questions.questions.filter(reached),
        step: Math.min(step, questions.step),
      })
      await session.open(name)
    })
  }

  closeLikeMenu(menu)
  picker.addEventListener('change', () => void open(picker.value))
  byId('export', HTMLButtonElement).addEventListener('click', () => {
    menu.open = false
    void save()
  })
  byId('import', HTMLButtonElement).addEventListener('click', () => {
    menu.open = false
    importFile.click()
  })
  importFile.addEventListener('change', () => {
    const [file] = importFile.files ?? []
    if (file) bring(file).catch(showError)
    importFile.value = ''
  })
  byId('delete', HTMLButtonElement).addEventListener('click', () => {
    menu.open = false
    byId('delete-text', HTMLParagraphElement).textContent =
      `“${session.chat.name}” and its ${session.step} turns leave this browser for good. Export it first to keep a copy.`
    dialog.returnValue = 'keep'
    dialog.showModal()
  })
  dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'delete') remove().catch(showError)
  })
  session.on(['opening'], () => {
    menu.hidden = session.opening || !session.name
    if (!session.opening) picker.value = session.name ?? ''
  })
  session.on(['open'], () => void draw().catch(showError))
  return { draw, fork: (step: number) => void fork(step).catch(showError) }
}

function firstFree(wanted: string, taken: Set<string>) {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted} (${i})`
    if (!taken.has(name)) return name
  }
}
