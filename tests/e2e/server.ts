/** Global setup of the e2e project: serves the built demo page; tests take its address by `inject('demoUrl')`. */

import { build, preview } from 'vite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Ends with a slash. */
    demoUrl: string
  }
}

export default async function serveDemo(project: TestProject) {
  await build({ logLevel: 'warn' })
  const server = await preview({ preview: { port: 0, open: false } })
  project.provide('demoUrl', server.resolvedUrls!.local[0])
  return () => server.close()
}
