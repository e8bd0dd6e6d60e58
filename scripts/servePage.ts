/** Pages of this repository that are no part of what ships, built and served for scripts and tests. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { build, preview } from 'vite'

/**
 * Builds a page and serves it, cross-origin isolated, on a free port.
 * @param html the page's HTML file, from the repository's root.
 * @param folders on disk, by the path the page finds them at: `models/evo-mini`, say.
 */
export async function servePage(
  html: string,
  folders: Record<string, string>,
  { minify = false } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const outDir = mkdtempSync(join(tmpdir(), 'evoembed-page-'))
  process.once('exit', () => rmSync(outDir, { recursive: true }))
  await build({
    mode: 'evaluation',
    logLevel: 'error',
    build: { outDir, minify, rolldownOptions: { input: html } },
  })
  for (const [path, folder] of Object.entries(folders)) {
    mkdirSync(dirname(join(outDir, path)), { recursive: true })
    symlinkSync(resolve(folder), join(outDir, path))
  }
  const server = await preview({ logLevel: 'error', build: { outDir }, preview: { port: 0, open: false } })
  return { url: new URL(html, server.resolvedUrls!.local[0]).href, close: () => server.close() }
}
