/** The figures as Markdown. */

import type { Spread } from './measure'
import { meets, type Row, type Section } from './section'

/** Three figures that count, without an exponent. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value
    .toFixed(decimals)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}

export function markdown(sections: Section[]): string {
  return sections.map(table).join('\n\n') + '\n'
}

function table({ title, note, rows }: Section): string {
  const lines = rows.map((row) => `| ${[row.name, value(row), relation(row), verdict(row)].join(' | ')} |`)
  return [
    `## ${title}`,
    '',
    note,
    '',
    '| | median (middle half) | ratio (middle half) | target |',
    '|---|---|---|---|',
    ...lines,
  ].join('\n')
}

function value({ value, unit }: Row): string {
  return `${figure(value.median)} ${unit}${range(value)}`
}

function relation({ ratio }: Row): string {
  return ratio ? `${figure(ratio.median)} × ${ratio.of}${range(ratio)}` : ''
}

function range({ low, high }: Spread): string {
  return low === high ? '' : ` (${figure(low)} to ${figure(high)})`
}

function verdict(row: Row): string {
  const { atMost, atLeast } = row.target ?? {}
  if (atMost === undefined && atLeast === undefined) return ''
  const wanted = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  return `${wanted}: ${meets(row) ? 'met' : 'missed'}`
}
