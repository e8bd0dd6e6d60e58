/** `npm run eval:convert`: public data as records. */

import { readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { strFromU8, unzipSync } from 'fflate'
import { locomoRecords } from './locomo'
import type { EvaluationRecord } from './record'
import { referenceRecord } from './reference'

const usage = `npm run eval:convert -- locomo PATH --segments pairs|turns --out FILE.jsonl
npm run eval:convert -- reference PATH --out FILE.jsonl

Writes records for 'npm run eval', one a line:
  {"id", "segments": [text], "queries": [{"text", "evidence": [segment index], "answer"?, "type"?, "among"?}]}

locomo      PATH is locomo10.json, or a zip that holds it. Gives the questions of categories 1 to 4 with evidence,
            typed multi_hop, temporal, open_domain, single_hop.
            --segments pairs   two consecutive turns of one session, below the session's date line
            --segments turns   single turns, the first of a session below its date line
reference   PATH is JSON (a list) or JSON lines of the paper's training format:
            {"messages": [{"role", "content"}], "meta": {"turns": [text], "evidence_turns": [index]}}
            The last of meta.turns is the query, the others are the segments; the last message is the answer.
--out       where to write; an existing file is replaced`

function fail(message: string): never {
  console.error(`${message}\n\n${usage}`)
  process.exit(2)
}

function parseCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { segments: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
    })
  } catch (error) {
    fail((error as Error).message)
  }
}

function readLocomo(path: string): unknown {
  const bytes = readFileSync(path)
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b
  if (!isZip) return JSON.parse(bytes.toString('utf8'))
  const members = unzipSync(bytes, { filter: ({ name }) => basename(name) === 'locomo10.json' })
  const member = Object.values(members)[0]
  if (!member) throw new Error(`${path}: the zip holds no locomo10.json`)
  return JSON.parse(strFromU8(member))
}

/** Each instance with the place it is at, for errors; a file is a JSON list or JSON lines. */
function* readInstances(path: string): Generator<[place: string, instance: unknown]> {
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  if (text.trimStart().startsWith('[')) {
    for (const [index, instance] of JSON.parse(text).entries()) yield [`${path}[${index}]`, instance]
    return
  }
  for (const [index, line] of text.split('\n').entries()) {
    const place = `${path}:${index + 1}`
    if (line.trim() === '') continue
    try {
      yield [place, JSON.parse(line)]
    } catch (error) {
      throw new Error(`${place}: ${(error as Error).message}`)
    }
  }
}

function referenceRecords(path: string): EvaluationRecord[] {
  const name = basename(path).replace(/\.\w+$/, '')
  return Array.from(readInstances(path), ([place, instance], index) => {
    try {
      return referenceRecord(instance, `${name}/${index}`)
    } catch (error) {
      throw new Error(`${place}: ${(error as Error).message}`)
    }
  })
}

const { values, positionals } = parseCommandLine()
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const [format, path, ...others] = positionals
if (format !== 'locomo' && format !== 'reference') fail(`No format '${format ?? ''}': locomo or reference`)
if (!path || others.length > 0) fail('Give exactly one PATH')
if (!values.out) fail('Give --out FILE.jsonl')
const { segments, out } = values
if (format === 'locomo' && segments !== 'pairs' && segments !== 'turns')
  fail(`--segments is '${segments ?? ''}': pairs or turns`)
if (format === 'reference' && segments !== undefined)
  fail('--segments is for locomo: the reference has its own')

try {
  const records =
    format === 'locomo'
      ? locomoRecords(readLocomo(path) as Parameters<typeof locomoRecords>[0], segments as 'pairs' | 'turns')
      : referenceRecords(path)
  writeFileSync(out, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  const count = (of: (record: EvaluationRecord) => unknown[]) =>
    records.reduce((sum, record) => sum + of(record).length, 0).toLocaleString('en')
  console.log(
    `${out}: ${records.length} records, ${count((r) => r.segments)} segments, ${count((r) => r.queries)} queries`,
  )
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
