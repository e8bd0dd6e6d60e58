/** The ratios as an SVG chart: one bar a comparison, on a logarithmic scale around 1, targets as dashes. */

import type { Spread } from './measure'
import { figure } from './report'
import { meets, type Row, type Section } from './section'

const WIDTH = 900
const NAMES = 330
const LINE = 22
const BAR = 12
const COLOURS = { true: '#2a7d4f', false: '#b3472f', undefined: '#5a6b7b' }

type Compared = Row & { ratio: Spread }

export function chart(sections: Section[]): string {
  const groups = sections
    .map(({ title, rows }) => ({ title, rows: rows.filter((row): row is Compared => 'ratio' in row) }))
    .filter(({ rows }) => rows.length)
  const x = scale(groups.flatMap(({ rows }) => rows))
  let y = LINE
  const lines = groups.flatMap(({ title, rows }) => [
    text(8, (y += LINE) - LINE, title, 'font-weight="bold"'),
    ...rows.map((row) => bar(row, (y += LINE) - LINE, x)),
  ])
  const legend =
    'Ratios, logarithmic. Grey: 1; dashes: the target; black: the middle half. Green meets its target.'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + LINE}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    upright(x(1), 6, y - LINE, 'stroke="#999"'),
    ...lines,
    text(8, y, legend, 'fill="#555"'),
    '</svg>\n',
  ].join('\n')
}

function scale(rows: Compared[]): (ratio: number) => number {
  const all = [1, ...rows.flatMap(({ ratio }) => [ratio.low, ratio.high])]
  const [least, most] = [Math.log(Math.min(...all) / 1.5), Math.log(Math.max(...all) * 1.5)]
  return (ratio) => NAMES + ((WIDTH - NAMES - 70) * (Math.log(ratio) - least)) / (most - least)
}

function bar(row: Compared, y: number, x: (ratio: number) => number): string {
  const { median, low, high } = row.ratio
  const [from, to] = [x(1), x(median)].sort((a, b) => a - b)
  const target = row.target?.atMost ?? row.target?.atLeast
  return [
    '<g>',
    text(20, y, row.name),
    `<rect x="${from}" y="${y - BAR + 2}" width="${to - from}" height="${BAR}" fill="${COLOURS[`${meets(row)}`]}"/>`,
    `<line x1="${x(low)}" x2="${x(high)}" y1="${y - 4}" y2="${y - 4}" stroke="#000"/>`,
    target === undefined ? '' : upright(x(target), y - BAR, y + 4, 'stroke="#000" stroke-dasharray="2"'),
    text(Math.max(to, x(high)) + 6, y, figure(median)),
    '</g>',
  ].join('')
}

function upright(x: number, from: number, to: number, style: string): string {
  return `<line x1="${x}" x2="${x}" y1="${from}" y2="${to}" ${style}/>`
}

function text(x: number, y: number, content: string, style = ''): string {
  const escaped = content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
  return `<text x="${x}" y="${y}" ${style}>${escaped}</text>`
}
