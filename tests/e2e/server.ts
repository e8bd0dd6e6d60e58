/** Global setup of the e2e project: serves the built demo page; tests take its address by `inject('demoUrl')`. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, preview } from 'vite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Ends with a slash. */
    demoUrl: string
  }
}

export default async function serveDemo(project: TestProject) {
  const outDir = await mkdtemp(join(tmpdir(), 'evoembed-demo-'))
  await build({ logLevel: 'warn', build: { outDir } })
  const server = await preview({ build: { outDir }, preview: { port: 0, open: false } })
  project.provide('demoUrl', server.resolvedUrls!.local[0])
  return async () => {
    await server.close()
    await rm(outDir, { recursive: true })
  }
}
