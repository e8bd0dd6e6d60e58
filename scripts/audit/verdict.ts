/** What `npm audit --json` printed, as a verdict. */

export type Verdict =
  | { kind: 'clean' }
  | { kind: 'found'; packages: string[] }
  /** The registry answers no audits (a mirror often does not), or there is no network. */
  | { kind: 'unreachable'; reason: string }

const SERIOUS = ['high', 'critical']

interface Report {
  vulnerabilities?: Record<string, { severity: string }>
  message?: string
  error?: { summary?: string }
}

/** Throws where it printed neither a report nor why there is none. */
export function verdictOf(output: string): Verdict {
  const { vulnerabilities, message, error } = JSON.parse(output) as Report
  if (vulnerabilities) {
    const packages = Object.entries(vulnerabilities)
      .filter(([, { severity }]) => SERIOUS.includes(severity))
      .map(([name, { severity }]) => `${name} (${severity})`)
    return packages.length ? { kind: 'found', packages } : { kind: 'clean' }
  }
  const reason = message || error?.summary
  if (!reason) throw new Error(`npm audit printed neither a report nor an error: ${output.slice(0, 200)}`)
  return { kind: 'unreachable', reason }
}
