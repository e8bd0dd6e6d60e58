/** What an evaluation found, as a table and as JSON. */

import { meanMetrics, metricNames, type Metrics, type QueryMetrics } from './metrics'

export interface TypeReport extends Metrics {
  queries: number
}

export interface FileReport extends TypeReport {
  mode: string
  rerank: boolean
  device: string
  records: number
  segments: number
  segmentsPerSecond: number
  types: Record<string, TypeReport>
}

/** One evaluated query. */
export interface Outcome {
  type?: string
  metrics: QueryMetrics
}

export function summarise(outcomes: Outcome[]): TypeReport & { types: Record<string, TypeReport> } {
  const typeReport = (of: Outcome[]) => ({
    queries: of.length,
    ...meanMetrics(of.map(({ metrics }) => metrics)),
  })
  const names = [...new Set(outcomes.map(({ type }) => type))].filter((type) => type !== undefined).sort()
  const types = names.map((name) => [name, typeReport(outcomes.filter(({ type }) => type === name))])
  return { ...typeReport(outcomes), types: Object.fromEntries(types) }
}

/** Metrics in percent, one line a file and one a query type. */
export function formatTable(reports: Record<string, FileReport>): string {
  const rows = [['', 'queries', ...metricNames, 'segments/s']]
  const cells = (name: string, report: TypeReport, rate = '') => [
    name,
    String(report.queries),
    ...metricNames.map((metric) => (report[metric] === null ? '-' : (100 * report[metric]).toFixed(1))),
    rate,
  ]
  for (const [file, report] of Object.entries(reports)) {
    rows.push(cells(file, report, report.segmentsPerSecond.toFixed(1)))
    for (const [type, of] of Object.entries(report.types)) rows.push(cells(`  ${type}`, of))
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const align = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])
  return rows.map((row) => row.map(align).join('  ').trimEnd()).join('\n')
}
