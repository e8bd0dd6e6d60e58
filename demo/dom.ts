/** The page's elements and templates; a missing one is a mistake in index.html and throws. */

export function byId<T extends HTMLElement>(id: string, type: { new (): T }): T {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new Error(`index.html has no ${type.name} with id "${id}"`)
}

/** The one element a template holds, copied; `parts` finds what is in it by `data-part`. */
export function fromTemplate(id: string) {
  const content = byId(id, HTMLTemplateElement).content.cloneNode(true) as DocumentFragment
  return {
    content,
    root: content.firstElementChild as HTMLElement,
    part: (name: string) => partOf(content, name),
  }
}

export function partOf(root: ParentNode, name: string): HTMLElement {
  const element = root.querySelector<HTMLElement>(`[data-part="${name}"]`)
  if (!element) throw new Error(`no part "${name}"`)
  return element
}

/** A button that reads as one. */
export function textButton(text: string, onClick: () => void): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = text
  button.addEventListener('click', onClick)
  return button
}

/** How far a meter is filled, 0..1. */
export function fill(meter: HTMLElement, share: number) {
  meter.style.setProperty('--share', String(Math.min(1, Math.max(0, share))))
}

/** Closes an open `details` by Escape or a click elsewhere, as menus do. */
export function closeLikeMenu(details: HTMLDetailsElement) {
  document.addEventListener('click', ({ target }) => {
    if (!details.contains(target as Node)) details.open = false
  })
  details.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return
    details.open = false
    details.querySelector('summary')?.focus()
  })
}
