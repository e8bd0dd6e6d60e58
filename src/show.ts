/**
 * A value as a message shows it: JSON where it can be said so, at most `limit` characters of it. Never throws, whatever
 * the value: cyclic, or nested deeper than the stack.
 */
export function show(value: unknown, limit = 120): string {
  const text = said(value)
  return text.length > limit ? `${text.slice(0, limit)}…` : text
}

function said(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return typeof value === 'bigint' ? String(value) : Object.prototype.toString.call(value)
  }
}
