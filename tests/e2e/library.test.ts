/** The package as it is built, used by a page without a bundler. */

import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build, preview, type PreviewServer } from 'vite'
import packageJson from '../../package.json' with { type: 'json' }
import { launchOptions } from '../../scripts/browser'

declare global {
  interface Window {
    evoembed: typeof import('../../src/index')
  }
}

let outDir: string
let server: PreviewServer
let browser: Browser

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'evoembed-library-'))
  await build({ mode: 'library', logLevel: 'warn', build: { outDir } })
  await cp('tests/fixtures/tiny-model', join(outDir, 'tiny-model'), { recursive: true })
  const entry = packageJson.exports['.'].default.replace('./dist/library/', './')
  await writeFile(join(outDir, 'index.html'), '<!doctype html><script type="module" src="app.js"></script>')
  await writeFile(join(outDir, 'app.js'), `import * as evoembed from '${entry}'; window.evoembed = evoembed`)
  server = await preview({ mode: 'library', build: { outDir }, preview: { port: 0, open: false } })
  browser = await chromium.launch(launchOptions())
})

afterAll(async () => {
  await browser.close()
  await server.close()
  await rm(outDir, { recursive: true })
})

test('no other chunk imports the entry of a worker: a query that a bundler adds to its address would run it twice', async () => {
  const assets = join(outDir, 'assets')
  for (const file of (await readdir(assets)).filter((name) => /\.m?js$/.test(name)))
    expect(await readFile(join(assets, file), 'utf8'), file).not.toMatch(/(engine|broker)\.worker/)
})

test('its types hold for an app that resolves modules as Node does', async () => {
  const node = (...args: string[]) => promisify(execFile)(process.execPath, args)
  const [tsc, tsx] = ['node_modules/typescript/bin/tsc', 'node_modules/tsx/dist/cli.mjs']
  const types = join(outDir, 'types')
  await node(tsc, '-p', 'tsconfig.library.json', '--outDir', types)
  await node(tsx, 'scripts/declarations.ts', types)
  const app = join(outDir, 'app.mts')
  await writeFile(
    app,
    `import { createEngine, type Hit } from './types/index.js'
    export const score = ({ score }: Hit): number => score
    // @ts-expect-error a model is named by its address
    export const engine = createEngine({ model: 3 })`,
  )
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--lib', 'es2023,dom']
  await node(tsc, '--ignoreConfig', ...options, app)
})

test('a page imports it as it lies, appends, searches', async () => {
  const page = await browser.newPage()
  await page.goto(server.resolvedUrls!.local[0])
  await page.waitForFunction(() => 'evoembed' in window)
  const found = await page.evaluate(async () => {
    const engine = await window.evoembed.createEngine({ model: '/tiny-model/', device: 'wasm' })
    const chat = await engine.conversation('chat-42')
    await chat.append([{ id: 'm1', role: 'Ana', text: 'The canoe is in the garage.' }])
    const [hit] = await chat.search('Where is the canoe?', { topK: 5 })
    const { deviceDescription } = engine.info
    await engine.close()
    return { id: hit.id, deviceDescription }
  })
  expect(found).toEqual({ id: 'm1', deviceDescription: expect.stringMatching(/^WASM, \d+ threads$/) })
})
