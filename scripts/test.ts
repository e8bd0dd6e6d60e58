/**
 * `npm test`: the type check, then every suite in turn, then one line with the total. Exits with 1 on any failure,
 * and on a suite that ran no test. `-- unit e2e` runs only those suites.
 */

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { JsonTestResults } from 'vitest/reporters'

const suites = ['typecheck', 'unit', 'kernels', 'browser', 'e2e']

interface Count {
  passed: number
  failed: number
}

/** The type check counts as one test. */
async function typecheck(): Promise<Count> {
  const code = await runTool('typescript', 'bin/tsc', [])
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

async function vitest(project: string, folder: string): Promise<Count> {
  const file = join(folder, `${project}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const code = await runTool('vitest', 'vitest.mjs', ['run', '--project', project, ...reporters])
  let results: JsonTestResults
  try {
    results = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    console.error(`${project}: no results (${error})`)
    return { passed: 0, failed: 1 }
  }
  const { numPassedTests: passed, numFailedTests: failed } = results
  if (passed + failed === 0) console.error(`${project}: no test ran`)
  // A file that cannot be loaded, or an error outside a test, fails no test but ends vitest with an error.
  const unseen = failed === 0 && (code !== 0 || passed === 0)
  return { passed, failed: unseen ? 1 : failed }
}

/** Runs a package's own program on this Node, its output shown; resolves with the exit code. */
function runTool(name: string, program: string, args: string[]): Promise<number> {
  const home = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(home, program), ...args], { stdio: 'inherit' })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

const args = process.argv.slice(2)
const long = args.includes('--long')
const wanted = args.filter((arg) => arg !== '--long')
const unknown = wanted.filter((suite) => !suites.includes(suite))
if (unknown.length > 0) {
  console.error(`No suite is called '${unknown[0]}'; there are: ${suites.join(', ')}`)
  process.exit(2)
}
if (long) process.env.VITE_TEST_LONG = '1'

const folder = mkdtempSync(join(tmpdir(), 'evoembed-test-'))
const total: Count = { passed: 0, failed: 0 }
for (const suite of suites) {
  if (wanted.length > 0 && !wanted.includes(suite)) continue
  console.log(`\n── ${suite}`)
  const { passed, failed } = suite === 'typecheck' ? await typecheck() : await vitest(suite, folder)
  console.log(`${suite}: ${passed} passed, ${failed} failed`)
  total.passed += passed
  total.failed += failed
}
rmSync(folder, { recursive: true })
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)
