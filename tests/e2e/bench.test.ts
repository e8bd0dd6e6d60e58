import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'evoembed-bench-'))))
afterAll(() => rm(folder, { recursive: true }))

const bench = (...args: string[]) =>
  run(process.execPath, ['node_modules/tsx/dist/cli.mjs', 'scripts/bench/main.ts', '--out', folder, ...args])

test('a benchmark writes its table, its figures and its chart', async () => {
  await bench('--quick', '--only', 'topK', '--model', 'tests/fixtures/tiny-model')
  const results = JSON.parse(await readFile(join(folder, 'bench.json'), 'utf8'))
  expect(Object.keys(results)).toEqual(['topK wasm'])
  const [ours, loop] = results['topK wasm'].section.rows
  expect(loop.ratio.median).toBeCloseTo(loop.value.median / ours.value.median, 5)
  expect(await readFile(join(folder, 'bench.md'), 'utf8')).toContain('| 1,000, plain loop |')
  expect(await readFile(join(folder, 'bench.svg'), 'utf8')).toContain('1,000, plain loop')
})

test('what is not known is named', async () => {
  await expect(bench('--only', 'speed')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("there is no comparison 'speed'"),
  })
  await expect(bench('--model', folder)).rejects.toMatchObject({
    stderr: expect.stringContaining('no evo.json'),
  })
})
