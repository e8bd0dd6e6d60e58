/** How a segment's role and time become text: part of the model. The twin of training/template.py. */

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
]

/** As `evo.json` states it: a placeholder that is not given is left out, with the literal text behind it. */
export interface TemplatePatterns {
  /** Of {time}, {role}, {text}. */
  segment: string
  /** Of {text}. */
  query: string
  /** Of {hour}, {minute}, {half}, {day}, {month}, {year}. */
  date: string
}

export class Template {
  constructor(private readonly patterns: TemplatePatterns) {}

  /** `time` in milliseconds since 1970, rendered in UTC: the same segment gives the same vector everywhere. */
  segment({ text, role, time }: { text: string; role?: string; time?: number }): string {
    return fill(this.patterns.segment, {
      text,
      role: role || undefined,
      time: time === undefined ? undefined : this.time(time),
    })
  }

  query(text: string): string {
    return fill(this.patterns.query, { text })
  }

  private time(time: number): string {
    const date = new Date(time)
    const hour = date.getUTCHours()
    return fill(this.patterns.date, {
      hour: `${hour % 12 || 12}`,
      minute: `${date.getUTCMinutes()}`.padStart(2, '0'),
      half: hour < 12 ? 'am' : 'pm',
      day: `${date.getUTCDate()}`,
      month: MONTHS[date.getUTCMonth()],
      year: `${date.getUTCFullYear()}`,
    })
  }
}

function fill(pattern: string, values: Record<string, string | undefined>): string {
  return pattern.replace(/\{(\w+)\}([^{]*)/g, (_, name: string, literal: string) => {
    const value = values[name]
    return value === undefined ? '' : value + literal
  })
}
