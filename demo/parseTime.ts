/** Reads the dates and clock times that chat exports and people write. Pure. */

/** A wall-clock moment, of which a line may give only the day or only the clock. */
export interface WallTime {
  /** Year, month 1..12, day. */
  day?: [number, number, number]
  /** Hours 0..23, minutes, seconds. */
  clock?: [number, number, number]
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?'
const CLOCK = /\b(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:\s*([ap])\.?m\b\.?)?/i
const ISO_DAY = /\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:T|(?=$|[\s,\]]))/
const NUMERIC_DAY = /\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\b/
const DAY_MONTH = new RegExp(`\\b(\\d{1,2})(?:st|nd|rd|th)?\\.? ${MONTH},? (\\d{4})\\b`, 'i')
const MONTH_DAY = new RegExp(`\\b${MONTH} (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})\\b`, 'i')
const FILLER =
  /\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|on|at)\b|[-\s,.T[\]=*#–—Z]/gi

/** The moment a text states, or nothing when the text is anything more than a date or a clock time. */
export function parseTime(text: string, dayFirst = true): WallTime | undefined {
  const [day, afterDay] = takeDay(text.trim(), dayFirst)
  const [clock, rest] = takeClock(afterDay)
  if ((!day && !clock) || rest.replace(FILLER, '')) return undefined
  return { day, clock }
}

/** Milliseconds since the epoch, in UTC as the model renders times; nothing without a day. */
export function toMilliseconds({ day, clock = [0, 0, 0] }: WallTime): number | undefined {
  return day && Date.UTC(day[0], day[1] - 1, day[2], ...clock)
}

/** Whether `3/4/2024` is in April: told by a first or second number above 12; day first when nothing tells. */
export function writesDayFirst(stamps: Iterable<string>): boolean {
  for (const stamp of stamps) {
    const [, first, second] = NUMERIC_DAY.exec(stamp) ?? []
    if (Number(first) > 12) return true
    if (Number(second) > 12) return false
  }
  return true
}

function takeDay(text: string, dayFirst: boolean): [WallTime['day'] | undefined, string] {
  const readers: [RegExp, (match: string[]) => [number, number, number]][] = [
    [ISO_DAY, ([, year, month, day]) => [+year, +month, +day]],
    [DAY_MONTH, ([, day, month, year]) => [+year, monthNumber(month), +day]],
    [MONTH_DAY, ([, month, day, year]) => [+year, monthNumber(month), +day]],
    [
      NUMERIC_DAY,
      ([, a, b, year]) => [+year + (year.length === 2 ? 2000 : 0), dayFirst ? +b : +a, dayFirst ? +a : +b],
    ],
  ]
  for (const [pattern, read] of readers) {
    const match = pattern.exec(text)
    if (!match) continue
    const [year, month, day] = read(match)
    const date = new Date(Date.UTC(year, month - 1, day))
    if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) continue
    return [[year, month, day], text.replace(pattern, ' ')]
  }
  return [undefined, text]
}

function takeClock(text: string): [WallTime['clock'] | undefined, string] {
  const match = CLOCK.exec(text)
  if (!match) return [undefined, text]
  const half = match[4]?.toLowerCase()
  const hours = half ? (+match[1] % 12) + (half === 'p' ? 12 : 0) : +match[1]
  const [minutes, seconds] = [+match[2], Number(match[3] ?? 0)]
  if (hours > 23 || minutes > 59 || seconds > 59) return [undefined, text]
  return [[hours, minutes, seconds], text.replace(CLOCK, ' ')]
}

function monthNumber(name: string) {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1
}
