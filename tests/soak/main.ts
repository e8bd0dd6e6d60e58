/**
 * `npm run test:soak`: reads many segments over many conversations, with searches, forks and deletes, and shows what the
 * engine leaves behind when it is closed. Then counts what five tabs take, with one engine for all and with one each.
 *
 *     npm run test:soak -- [--segments 50000] [--conversations 100] [--device wasm|webgpu] [--seed 1] [--tabs-only]
 *
 * Exits with 1 where more than 5 % is left.
 */

import { parseArgs } from 'node:util'
import { chromium } from 'playwright'
import { launchOptions } from '../../scripts/browser'
import { newUser, servePage } from '../tabs/tabs'
import { soak } from './soak'
import { fiveTabs } from './fiveTabs'

const { values } = parseArgs({
  options: {
    segments: { type: 'string', default: '50000' },
    conversations: { type: 'string', default: '100' },
    device: { type: 'string', default: 'wasm' },
    seed: { type: 'string', default: '1' },
    'tabs-only': { type: 'boolean', default: false },
  },
})

const server = await servePage()
const browser = await chromium.launch(launchOptions())
let failed = false
try {
  if (!values['tabs-only']) {
    const user = await newUser(browser, 'tests/fixtures/tiny-model')
    const { lines, leaks } = await soak(user, server.url, {
      segments: Number(values.segments),
      conversations: Number(values.conversations),
      device: values.device as 'wasm' | 'webgpu',
      seed: Number(values.seed),
    })
    console.log(lines.join('\n'))
    for (const leak of leaks) console.error(`leak: ${leak}`)
    failed = leaks.length > 0
    await user.close()
  }
  if (values.device === 'wasm') console.log((await fiveTabs(browser, server.url)).join('\n'))
} finally {
  await browser.close()
  await server.close()
}
process.exit(failed ? 1 : 0)
