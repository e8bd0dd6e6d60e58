/** The demo page under attack: markup in everything that is shown, code and servers of other origins. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type Page } from 'playwright'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import sample from '../../demo/sample.json'
import { launchOptions } from '../../scripts/browser'
import { answered } from './demoPage'

let browser: Browser
let page: Page
/** Another origin, that lets anyone in; what is asked of it. */
let elsewhere: Server
let foreign: string
const asked: string[] = []
const complaints: string[] = []

beforeAll(async () => {
  elsewhere = createServer((request, response) => {
    asked.push(request.url!)
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    response.end('{}')
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, resolve))
  foreign = `http://localhost:${(elsewhere.address() as AddressInfo).port}`
  browser = await chromium.launch(launchOptions())
  const visitor = await browser.newContext({ acceptDownloads: true })
  visitor.setDefaultTimeout(120_000)
  page = await visitor.newPage()
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(inject('demoUrl'))
  await answered(page, sample.questions[0].text)
})

afterAll(async () => {
  await browser.close()
  elsewhere.close()
})

/** Markup that runs code, fetches, or breaks out, wherever it is taken for HTML. */
const hostile = (mark: string) =>
  `<img src=x onerror="globalThis.pwned='${mark}'"><script>globalThis.pwned='${mark}'</script>` +
  `"><svg onload=globalThis.pwned='${mark}'></svg><a href="javascript:globalThis.pwned='${mark}'">${mark}</a>`

/** Nothing of it has become an element, run, or been fetched. */
async function harmless(mark: string) {
  expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false)
  const strangers =
    'img[src="x"], body script:not([src]), svg[onload], a[href^="javascript"], [onerror], [onload]'
  expect(await page.locator(strangers).count()).toBe(0)
  expect(await page.locator('body').innerText()).toContain(mark)
  expect(complaints).toEqual([])
}

test('markup in what is typed is shown as text', async () => {
  const text = hostile('typed')
  await page.getByLabel('Speaker').fill('<b onclick=alert(1)>Eve</b>')
  await page.getByLabel('Turn', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
  const turn = page.locator('.turn', { hasText: text })
  await turn.waitFor()
  expect(await turn.locator('[data-part=role]').innerText()).toBe('<b onclick=alert(1)>Eve</b>')
  await page.locator('#question').fill(hostile('question'))
  await page.keyboard.press('Enter')
  await answered(page, hostile('question'))
  expect(await page.locator('#evolvable-hits .text').allInnerTexts()).toContain(text)
  await harmless('typed')
})

test('markup in names, speakers, questions and metadata of a loaded file, exported and imported', async () => {
  const record = {
    id: hostile('name'),
    segments: [
      { role: hostile('role'), text: hostile('loaded'), metadata: { [hostile('key')]: hostile('value') } },
      { role: '__proto__', text: 'constructor' },
    ],
    queries: [{ text: hostile('suggested'), evidence: [0] }],
  }
  await page.getByRole('button', { name: 'Load', exact: true }).click()
  await page.getByLabel('Paste it here').fill(JSON.stringify(record))
  await page.getByLabel('Name', { exact: true }).fill('<i>Eve’s</i>')
  await page.getByRole('button', { name: 'Read it' }).click()
  await page.locator('#turns > .turn', { hasText: 'constructor' }).waitFor()
  expect(await page.locator('#chips').innerText()).toContain(hostile('suggested'))
  await harmless('loaded')

  await page.getByLabel('More about this conversation').click()
  await page.getByRole('button', { name: 'Export …' }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  const file = await (await download).createReadStream()
  const buffer = Buffer.concat(await file.toArray())
  await page
    .locator('#import-file')
    .setInputFiles({ name: `${hostile('file').replaceAll('/', '')}.evo`, mimeType: 'text/html', buffer })
  await page
    .locator('#conversation option', { hasText: "globalThis.pwned='file'" })
    .waitFor({ state: 'attached' })
  await harmless('loaded')
  await page.getByLabel('More about this conversation').click()
  await page.getByRole('button', { name: 'Delete …' }).click()
  await harmless("globalThis.pwned='file'")
  await page.getByRole('button', { name: 'Keep it' }).click()
})

test('markup in an error is shown as text', async () => {
  await page.getByRole('button', { name: 'Load', exact: true }).click()
  await page.getByLabel('Paste it here').fill(`{"text":1,"${hostile('broken').replaceAll('"', "'")}":2}`)
  expect(await page.getByRole('button', { name: 'Read it' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Close' }).click()
  await page
    .locator('#import-file')
    .setInputFiles({ name: 'x.evo', mimeType: 'text/html', buffer: Buffer.from(hostile('not a file')) })
  await page.getByText('The data is damaged').waitFor()
  complaints.length = 0 // the error, logged
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await harmless('Conversation')
})

/**
 * In the page or its worker: the directive by which each of its policies refused each attempt; one that is allowed keeps
 * the test waiting.
 */
async function attempts({ foreign, policies }: { foreign: string; policies: number }) {
  const scope: EventTarget = globalThis.document ?? globalThis
  const refused: Record<string, string> = {}
  const attempt = (name: string, action: () => unknown) =>
    new Promise<void>((resolve) => {
      const directives: string[] = []
      const listener = (event: Event) => {
        directives.push((event as SecurityPolicyViolationEvent).effectiveDirective)
        if (directives.length < policies) return
        scope.removeEventListener('securitypolicyviolation', listener)
        refused[name] = [...new Set(directives)].join()
        resolve()
      }
      scope.addEventListener('securitypolicyviolation', listener)
      void (async () => action())().catch(() => {})
    })
  await attempt('fetch', () => fetch(`${foreign}/fetch`))
  await attempt('socket', () => new WebSocket(foreign.replace('http', 'ws')))
  await attempt('eval', () => (0, eval)('1 + 1'))
  await attempt('function', () => new Function('return 1')())
  if (!globalThis.document) return refused

  const element = (tag: string, properties: object) => () =>
    document.body.append(Object.assign(document.createElement(tag), properties))
  await attempt('image', element('img', { src: `${foreign}/image.png` }))
  await attempt('frame', element('iframe', { src: foreign }))
  await attempt('object', element('object', { data: foreign }))
  await attempt('style', element('style', { textContent: 'body { color: red }' }))
  await attempt('inline script', element('script', { textContent: 'globalThis.pwned = 1' }))
  await attempt('script', element('script', { src: `${foreign}/script.js` }))
  await attempt('module', element('script', { type: 'module', src: `${foreign}/module.js` }))
  await attempt('worker', () => new Worker(URL.createObjectURL(new Blob(['1'], { type: 'text/javascript' }))))
  await attempt('base', () =>
    document.head.append(Object.assign(document.createElement('base'), { href: foreign })),
  )
  await attempt('form', () => {
    const form = Object.assign(document.createElement('form'), { action: foreign })
    document.body.append(form)
    form.submit()
  })
  return refused
}

const refusedInBoth = {
  fetch: 'connect-src',
  socket: 'connect-src',
  eval: 'script-src',
  function: 'script-src',
}

test('the page runs no code but its own, and reaches no other origin', async () => {
  // The page's own policy, and the one it is served with.
  expect(await page.evaluate(attempts, { foreign, policies: 2 })).toEqual({
    ...refusedInBoth,
    image: 'img-src',
    frame: 'frame-src',
    object: 'object-src',
    style: 'style-src-elem',
    'inline script': 'script-src-elem',
    script: 'script-src-elem',
    module: 'script-src-elem',
    worker: 'worker-src',
    base: 'base-uri',
    form: 'form-action',
  })
  expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false)
  expect(asked).toEqual([])
})

test('nor does the worker, which only the served policy binds', async () => {
  const worker = page.workers().find((one) => one.url().includes('engine.worker'))!
  expect(await worker.evaluate(attempts, { foreign, policies: 1 })).toEqual(refusedInBoth)
  expect(asked).toEqual([])
})

test('a link to the page cannot bring a model from another origin', async () => {
  const lured = await page.context().newPage()
  await lured.goto(`${inject('demoUrl')}?model=${foreign}/models/evil/`)
  await lured.getByText('That is not allowed').waitFor()
  expect(asked).toEqual([])
  await lured.close()
})
