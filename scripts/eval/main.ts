/** `npm run eval`: retrieval metrics of the real engine in a real browser. */

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openEvaluationPage } from './engineInBrowser'
import { queryMetrics } from './metrics'
import { parseRecords, type EvaluationRecord } from './record'
import { formatTable, summarise, type FileReport, type Outcome } from './report'

const modes = ['evolved', 'static', 'hybrid'] as const
const devices = ['auto', 'wasm', 'webgpu'] as const

const usage = `npm run eval -- FILE.jsonl... [options]

Reads each record of the files into a fresh conversation, in headless Chromium, and asks its queries.
A record is a line (npm run eval:convert makes such files from public data):
  {"id", "segments": [text], "queries": [{"text", "evidence": [segment index], "answer"?, "type"?, "among"?}]}
Prints means over the queries: recall@1, 5 and 10 (share of the evidence among the first k), nDCG@10, MRR (of the
first evidence), and recall@1 among the segments of 'among'.

--mode MODE      ${modes.join(', ')}; default evolved
--rerank         rerank the top candidates; default off
--device DEVICE  ${devices.join(', ')}; default auto
--model DIR      a model folder; default models/evo-mini
--limit N        only the first N records of each file
--skip-bad       leave out lines that are no record, instead of stopping
--json           the last line is one JSON object, metrics 0..1, null where there is none:
                 {"<file>": {"mode", "rerank", "device", "records", "segments", "segmentsPerSecond", "queries",
                 "recall@1", "recall@5", "recall@10", "ndcg@10", "mrr", "among@1",
                 "types": {"<type>": {"queries", "recall@1", ...}}}}`

class UsageError extends Error {}

function readArguments() {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      mode: { type: 'string', default: 'evolved' },
      rerank: { type: 'boolean', default: false },
      device: { type: 'string', default: 'auto' },
      model: { type: 'string', default: 'models/evo-mini' },
      limit: { type: 'string' },
      'skip-bad': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  const limit = values.limit === undefined ? Infinity : Number(values.limit)
  if (files.length === 0) throw new UsageError('Give at least one FILE.jsonl')
  for (const file of files) if (!existsSync(file)) throw new UsageError(`There is no file '${file}'`)
  if (!existsSync(join(values.model, 'evo.json'))) throw new UsageError(`No evo.json in '${values.model}'`)
  if (!(limit >= 1 && (limit === Infinity || Number.isInteger(limit))))
    throw new UsageError(`--limit is '${values.limit}': a whole number from 1`)
  return {
    files: [...new Set(files)],
    model: resolve(values.model),
    mode: oneOf(modes, values.mode, '--mode'),
    device: oneOf(devices, values.device, '--device'),
    rerank: values.rerank,
    skipBad: values['skip-bad'],
    json: values.json,
    limit,
  }
}

function oneOf<T extends string>(allowed: readonly T[], value: string, option: string): T {
  if (!allowed.includes(value as T)) throw new UsageError(`${option} is '${value}': ${allowed.join(', ')}`)
  return value as T
}

/** The records of every file; says on stderr which lines are none, and throws then, unless they may be skipped. */
function readFiles(files: string[], skipBad: boolean): Map<string, EvaluationRecord[]> {
  let bad = 0
  const all = new Map<string, EvaluationRecord[]>()
  for (const file of files) {
    const { records, errors } = parseRecords(file, readFileSync(file, 'utf8'))
    for (const { message } of errors) console.error(message)
    bad += errors.length
    if (records.length === 0 && (errors.length === 0 || skipBad)) throw new Error(`${file}: no record in it`)
    all.set(file, records)
  }
  if (bad > 0 && !skipBad)
    throw new Error(`${bad} bad line${bad > 1 ? 's' : ''} (--skip-bad goes on without)`)
  return all
}

/** One line on a terminal, written over; nothing where stderr is a file, but for each record's end. */
function progress(text: string, final = false) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}${final ? '\n' : ''}`)
  else if (final) console.error(text)
}

async function evaluate({
  files,
  model,
  mode,
  device,
  rerank,
  skipBad,
  json,
  limit,
}: ReturnType<typeof readArguments>) {
  const all = readFiles(files, skipBad)
  let reading = 'model'
  const report: Window['report'] = (phase, done, total) =>
    progress(`${reading}: ${phase} ${done} of ${total}`)
  const { page, close } = await openEvaluationPage(model, report)
  try {
    const info = await page.evaluate((device) => window.evaluation.open('/model/', device), device)
    for (const { device, reason } of info.passedOver) console.error(`${device} passed over: ${reason}`)
    console.error(`${info.model} on ${info.device} (${info.deviceDescription})`)
    const reports: Record<string, FileReport> = {}
    for (const [file, records] of all) {
      const outcomes: Outcome[] = []
      const chosen = records.slice(0, limit)
      let segments = 0
      let appendMs = 0
      for (const [index, record] of chosen.entries()) {
        reading = `${file} ${index + 1} of ${chosen.length}`
        const { rankings, ...spent } = await page.evaluate(
          ({ record, search }) => window.evaluation.read(record, search),
          { record, search: { mode, rerank } },
        )
        for (const [at, { type, evidence, among }] of record.queries.entries()) {
          if (rankings[at].length === 0)
            console.error(`${record.id}: query ${at} is too long to ask: counts as 0`)
          outcomes.push({ type, metrics: queryMetrics(rankings[at], evidence, among) })
        }
        segments += record.segments.length
        appendMs += spent.appendMs
        const { 'recall@10': recall } = summarise(outcomes)
        progress(`${reading}: recall@10 ${recall === null ? '-' : (100 * recall).toFixed(1)} so far`, true)
      }
      const segmentsPerSecond = appendMs === 0 ? 0 : segments / (appendMs / 1000)
      const settings = {
        mode,
        rerank,
        device: info.device,
        records: chosen.length,
        segments,
        segmentsPerSecond,
      }
      reports[file] = { ...settings, ...summarise(outcomes) }
    }
    console.log(
      `mode ${mode}, rerank ${rerank ? 'on' : 'off'}, ${info.model} on ${info.device}; metrics in percent`,
    )
    console.log(formatTable(reports))
    if (json) console.log(JSON.stringify(reports))
  } finally {
    await close()
  }
}

try {
  await evaluate(readArguments())
} catch (error) {
  const { message, code } = error as Error & { code?: string }
  const misused = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')
  console.error(misused ? `${message}\n\n${usage}` : message.replace(/^page\.evaluate: /, ''))
  process.exitCode = misused ? 2 : 1
}
