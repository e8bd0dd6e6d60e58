/**
 * `npm run test:fuzz`: the fuzz tests with many inputs: parsers in Node, the public API in Chromium.
 *
 *     npm run test:fuzz -- [--inputs 100000] [--seed 20261124]
 */

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '20261124' } },
})

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const files = ['tests/unit/fuzzParsers.test.ts', 'tests/browser/fuzzEngine.test.ts']
const { status } = spawnSync(process.execPath, [vitest, 'run', ...files], {
  stdio: 'inherit',
  env: { ...process.env, VITE_FUZZ_INPUTS: values.inputs, VITE_FUZZ_SEED: values.seed },
})
process.exit(status ?? 1)
