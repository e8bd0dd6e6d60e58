/** A few of the interruptions of `npm run test:crash`. */

import { expect, inject, test } from 'vitest'
import { damage } from '../crash/harness'

test.each([
  { by: 'kill', times: 4 },
  { by: 'crash', times: 3 },
  { by: 'reload', times: 6 },
  { by: 'terminate', times: 8 },
] as const)(
  'after $by, $times times amid appends, forks, imports and deletions, all that was acknowledged is there, whole',
  async ({ by, times }) => {
    const report = await damage({ url: inject('damageUrl'), by, times, seed: 7 })
    expect(report.interruptions).toBeGreaterThanOrEqual(times)
    expect(report.operations).toBeGreaterThan(20)
  },
)
