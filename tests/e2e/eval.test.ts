import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const tsx = 'node_modules/tsx/dist/cli.mjs'
const model = ['--model', 'tests/fixtures/tiny-model', '--device', 'wasm']

let folder: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evoembed-records-'))
  file = join(folder, 'records.jsonl')
})
afterAll(() => rm(folder, { recursive: true }))

const evaluate = (...args: string[]) =>
  run(process.execPath, [tsx, 'scripts/eval/main.ts', file, ...model, ...args])
const lines = (...records: object[]) => records.map((record) => JSON.stringify(record)).join('\n')

test('an evaluation reads each record into a memory of its own, and ends with its figures as JSON', async () => {
  // Whatever the model: one segment is always found; of two, both are among the first five.
  const one = { text: 'Where is the canoe?', evidence: [0], type: 'one', among: [0] }
  const both = { text: 'Where is the canoe?', evidence: [0, 1], type: 'both' }
  await writeFile(
    file,
    lines(
      { id: 'a', segments: ['The canoe is in the garage.'], queries: [one] },
      { id: 'b', segments: ['I moved to Lisbon.', 'Ana keeps bees.'], queries: [both] },
      { id: 'c', segments: ['Left out by the limit.'], queries: [] },
    ),
  )
  const { stdout } = await evaluate('--mode', 'hybrid', '--rerank', '--limit', '2', '--json')
  const report = JSON.parse(stdout.trimEnd().split('\n').at(-1)!)[file]
  expect(report).toMatchObject({
    ...{ mode: 'hybrid', rerank: true, device: 'wasm', records: 2, segments: 3, queries: 2 },
    ...{ 'recall@1': 0.75, 'recall@5': 1, 'ndcg@10': 1, mrr: 1, 'among@1': 1 },
    types: { one: { queries: 1, 'recall@1': 1 }, both: { queries: 1, 'recall@1': 0.5, 'among@1': null } },
  })
  expect(report.segmentsPerSecond).toBeGreaterThan(0)
})

test('a line that is no record stops it before it starts, named by its number', async () => {
  const query = { text: 'q', evidence: [3] }
  await writeFile(
    file,
    lines({ id: 'a', segments: ['x'], queries: [] }, { id: 'b', segments: ['x'], queries: [query] }),
  )
  await expect(evaluate()).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(`${file}:2: query 0: evidence has 3: segments are 0 to 0`),
  })
})
