/** What a comparison found. */

import { ratio, spread, type Spread } from './measure'

export interface Row {
  name: string
  /** Of `value`: 'ms', 'MB', 'µs a segment'. */
  unit: string
  value: Spread
  /** How many times the row it is compared with. */
  ratio?: Spread & { of: string }
  /** What the ratio ought to be. */
  target?: { atMost?: number; atLeast?: number }
}

export interface Section {
  title: string
  /** How it was measured, in a sentence or two. */
  note: string
  rows: Row[]
}

export function row(name: string, unit: string, values: number[]): Row {
  return { name, unit, value: spread(values) }
}

/** A row that says how many times `over` its values `under` are: `over` and `under` of the same rounds. */
export function compared(
  name: string,
  unit: string,
  values: number[],
  of: string,
  [over, under]: [over: number[], under: number[]],
  target?: Row['target'],
): Row {
  return { ...row(name, unit, values), ratio: { ...ratio(over, under), of }, ...(target && { target }) }
}

export function meets({ ratio, target }: Row): boolean | undefined {
  if (!ratio || !target) return undefined
  return ratio.median <= (target.atMost ?? Infinity) && ratio.median >= (target.atLeast ?? -Infinity)
}
