/**
 * `npm run audit`: whether a dependency that ships has a known vulnerability of severity high or above. Exits with 1
 * where one has; a registry that answers no audits is said, and is no failure.
 */

import { spawnSync } from 'node:child_process'
import { verdictOf } from './verdict.ts'

const audit = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
  shell: process.platform === 'win32',
})
const verdict = verdictOf(audit.stdout)
if (verdict.kind === 'clean') console.log('audit: no dependency that ships has a known serious vulnerability')
if (verdict.kind === 'unreachable')
  console.log(`audit: not done, the registry gave no report: ${verdict.reason}`)
if (verdict.kind === 'found') {
  console.error(`audit: known vulnerabilities in ${verdict.packages.join(', ')}; see npm audit --omit=dev`)
  process.exit(1)
}
