/** Global setup of the e2e project: serves the built pages; tests take their addresses by `inject`. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, preview } from 'vite'
import type { TestProject } from 'vitest/node'
import { servePage } from '../../scripts/servePage'

declare module 'vitest' {
  interface ProvidedContext {
    /** The demo page, as it ships. Ends with a slash. */
    demoUrl: string
    /** tests/crash/page.html, with the tiny model. */
    damageUrl: string
  }
}

export default async function servePages(project: TestProject) {
  const outDir = await mkdtemp(join(tmpdir(), 'evoembed-demo-'))
  await build({ logLevel: 'warn', build: { outDir } })
  const server = await preview({ build: { outDir }, preview: { port: 0, open: false } })
  project.provide('demoUrl', server.resolvedUrls!.local[0])
  const damage = await servePage('tests/crash/page.html', { model: 'tests/fixtures/tiny-model' })
  project.provide('damageUrl', damage.url)
  return async () => {
    await damage.close()
    await server.close()
    await rm(outDir, { recursive: true })
  }
}
