/** Browsers that lack something, and a GPU that fails, for real. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { launchOptions } from '../../scripts/browser'

let browser: Browser
beforeAll(async () => void (browser = await chromium.launch(launchOptions())))
afterAll(() => browser.close())

async function visit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto(inject('damageUrl'))
  await page.waitForFunction(() => 'damage' in window)
  return page
}

/** A query's vector after some turns. */
const read = (page: Page) =>
  page.evaluate(async () => {
    const chat = await window.damage.engine.conversation('chat')
    await chat.append(
      Array.from({ length: 20 }, (_, i) => ({ id: `m${i}`, text: `the canoe is in garage ${i}` })),
    )
    return [...(await chat.embedQuery('Where is the canoe now?'))]
  })

function expectClose(a: number[], b: number[], tolerance: number): void {
  expect(a).toHaveLength(b.length)
  for (const [i, value] of a.entries()) expect(Math.abs(value - b[i])).toBeLessThan(tolerance)
}

test('without cross-origin isolation there is no shared memory: one thread gives the same vectors', async () => {
  const isolated = await visit(await browser.newContext())
  await isolated.evaluate(() => window.damage.open())

  const context = await browser.newContext()
  await context.route('**/*', async (route) => {
    const response = await route.fetch()
    const {
      'cross-origin-opener-policy': _,
      'cross-origin-embedder-policy': __,
      ...headers
    } = response.headers()
    await route.fulfill({ response, headers })
  })
  const alone = await visit(context)
  expect(await alone.evaluate(() => [crossOriginIsolated, typeof SharedArrayBuffer])).toEqual([
    false,
    'undefined',
  ])
  const info = await alone.evaluate(() => window.damage.open())
  expect(info).toMatchObject({ device: 'wasm', deviceDescription: 'WASM, 1 thread' })
  expectClose(await read(alone), await read(isolated), 1e-3)
})

test('where the user lets sites store nothing, it is said by name', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'evoembed-profile-'))
  await mkdir(join(profile, 'Default'))
  const BLOCK = 2
  const preferences = { profile: { default_content_setting_values: { cookies: BLOCK } } }
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences))
  const context = await chromium.launchPersistentContext(profile, launchOptions())
  const page = await visit(context)
  const error = await page.evaluate(() =>
    window.damage.open().then(String, ({ name, reason }) => ({ name, reason })),
  )
  expect(error).toEqual({ name: 'StorageUnavailableError', reason: expect.stringContaining('denied') })
  await context.close()
  await rm(profile, { recursive: true })
})

test('the process of the GPU crashes in the middle of an append: the caller sees a delay', async () => {
  const page = await visit(await browser.newContext())
  const session = await browser.newBrowserCDPSession()
  await page.exposeFunction('crashGpu', () => session.send('Browser.crashGpuProcess').catch(() => {}))
  await page.evaluate(() => window.damage.open({ device: 'webgpu' }))
  const result = await page.evaluate(async () => {
    const chat = await window.damage.engine.conversation('chat')
    const segments = Array.from({ length: 300 }, (_, i) => ({
      id: `m${i}`,
      text: `the canoe is in garage ${i}`,
    }))
    let crashed = false
    return chat.append(segments, {
      onProgress: () => {
        if (!crashed) (window as unknown as { crashGpu(): void }).crashGpu()
        crashed = true
      },
    })
  })
  expect(result).toMatchObject({ added: 300, step: 300 })
}, 600_000)
