/** `npm run test:crash`: interrupts a browser at random points, and says what became of what it was doing. */

import { parseArgs } from 'node:util'
import { servePage } from '../../scripts/servePage'
import { interruptions, type Interruption } from './browser'
import { damage } from './harness'

const usage = `npm run test:crash -- [--times N] [--seed N] [--by ${interruptions.join('|')}]
  --times  interruptions (200)
  --seed   of the operations and of when they are interrupted (1)
  --by     what happens (kill): see tests/crash/browser.ts`

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    by: { type: 'string', default: 'kill' },
    help: { type: 'boolean' },
  },
})
const [times, seed, by] = [Number(values.times), Number(values.seed), values.by as Interruption]
if (values.help || !(times > 0) || !Number.isInteger(seed) || !interruptions.includes(by)) {
  console.error(usage)
  process.exit(values.help ? 0 : 2)
}

const server = await servePage('tests/crash/page.html', { model: 'tests/fixtures/tiny-model' })
const start = performance.now()
try {
  const report = await damage({ url: server.url, by, times, seed, log: console.log })
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.table(report.underWay)
  console.log(
    `${report.interruptions} times ${by}, seed ${seed}: all ${report.operations} operations are there, ` +
      `every state whole, every bit as uninterrupted; ${seconds} s`,
  )
} finally {
  await server.close()
}
