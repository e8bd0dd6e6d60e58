/** The demo page as a visitor meets it: the built page, the shipped model, a real browser. */

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import sample from '../../demo/sample.json'
import { launchOptions } from '../../scripts/browser'
import { answered } from './demoPage'

let browser: Browser
/** One visitor: all pages share storage. */
let visitor: BrowserContext
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  browser = await chromium.launch(launchOptions())
  visitor = await browser.newContext({ acceptDownloads: true })
  visitor.setDefaultTimeout(120_000)
  page = await visit({ width: 1280, height: 800 })
})

afterAll(() => browser.close())

async function visit(viewport: { width: number; height: number }) {
  const page = await visitor.newPage()
  await page.setViewportSize(viewport)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(inject('demoUrl'))
  await answered(page, sample.questions[0].text)
  return page
}

async function ask(question: string) {
  await page.locator('#question').fill(question)
  await page.keyboard.press('Enter')
  await answered(page, question)
}

async function addTurn(speaker: string, text: string) {
  await page.getByLabel('Speaker').fill(speaker)
  await page.getByLabel('Turn', { exact: true }).fill(text)
  await page.keyboard.press('Enter')
  await page.locator('.turn', { hasText: text }).waitFor()
}

/** Resolves when so many conversations are there to choose from. */
const listed = (count: number) =>
  page.waitForFunction(
    (count) => document.querySelector<HTMLSelectElement>('#conversation')!.options.length === count,
    count,
  )

/** Chooses from the menu of the conversation shown. */
async function choose(item: string) {
  await page.getByLabel('More about this conversation').click()
  await page.getByRole('button', { name: item }).click()
}

const texts = (selector: string) => page.locator(selector).allInnerTexts()
const turns = () => page.locator('#turns > .turn').count()

describe('the first visit', () => {
  test('reads the sample and asks its first question by itself', async () => {
    expect(await turns()).toBe(sample.turns.length)
    for (const column of ['#static-hits', '#evolvable-hits'])
      expect((await texts(`${column} .rank`)).slice(0, 5)).toEqual(['1', '2', '3', '4', '5'])
  })

  test('says which device it runs on, and why not on another', async () => {
    await page.locator('#device summary').click()
    const facts = await page.locator('#device-facts').innerText()
    expect(facts).toMatch(/Device\s+WASM/)
    expect(facts).toMatch(/Not WebGPU\s+\S+/)
    await page.keyboard.press('Escape')
    expect(await page.locator('#device-facts').isVisible()).toBe(false)
  })

  test('has a content security policy that admits no inline code and no other origin', async () => {
    const policy = await page.locator('meta[http-equiv=Content-Security-Policy]').getAttribute('content')
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'")
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/)
    const refused = await page.evaluate(async () => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.inlineRan = true'
      const told = new Promise<string>((resolve) =>
        document.addEventListener('securitypolicyviolation', (e) => resolve(e.violatedDirective), {
          once: true,
        }),
      )
      document.head.append(script)
      return [await told, 'inlineRan' in globalThis]
    })
    expect(refused).toEqual(['script-src-elem', false])
    complaints.length = 0 // the violation provoked above
  })
})

describe('asking', () => {
  test('a suggested question fills both columns and says where the answer is', async () => {
    const { text, evidence } = sample.questions[1]
    await page.getByRole('button', { name: text, exact: true }).click()
    await answered(page, text)
    expect(await page.locator('#verdict').innerText()).toMatch(
      /^(Both put the answer first|Evolvable vectors and words put)/,
    )
    for (const answer of await page.locator('.answer .hit').allInnerTexts())
      expect(answer).toContain(`turn ${evidence[0] + 1}`)
  })

  test('ranks all suggested questions and counts the answers found first', async () => {
    await page.getByRole('button', { name: 'Try them all' }).click()
    const tally = page.locator('#tally', { hasText: `Of ${sample.questions.length} answers, first: static` })
    await tally.waitFor()
    const marked = await page.locator('.marks i.evolvable.first').count()
    expect(await tally.innerText()).toContain(`evolvable ${marked};`)
  })

  test('a hit leads to its turn in the timeline', async () => {
    const hit = page.locator('#evolvable-hits > li').first()
    const step = await hit.getAttribute('data-step')
    await hit.getByRole('button').click()
    const turn = page.locator(`#turn-${step}.flash`)
    await turn.waitFor()
    expect(await turn.locator('.step').evaluate((button) => button === document.activeElement)).toBe(true)
  })

  test('words and reranking are a choice for the right column', async () => {
    await page.getByText('With words, reranked').click()
    await ask('Who sold the van to a beekeeper?')
    expect((await texts('#evolvable-hits .text'))[0]).toContain('man who keeps bees')
    await page.getByText('Memory alone').click()
  })
})

describe('a new turn', () => {
  const markup = 'The <b>lighthouse</b> museum in Ostend opens on Easter Monday.'

  test('is read at once, shown as text, and found', async () => {
    await addTurn('Priya', markup)
    expect(await turns()).toBe(sample.turns.length + 1)
    expect(await page.locator('#turns b', { hasText: 'lighthouse' }).count()).toBe(0)
    await ask('When does the lighthouse museum open?')
    expect((await texts('#evolvable-hits .text'))[0]).toBe(markup)
  })

  test('shows what its vector leans on', async () => {
    const lean = page.locator('#turns > .turn').last().locator('.lean')
    expect(await lean.isVisible()).toBe(true)
    expect(Number(await lean.locator('[data-part=context-value]').innerText())).toBeGreaterThanOrEqual(0)
    expect(await lean.locator('[data-part=context-nearest] button').count()).toBe(2)
  })

  test('is there after a reload, with the same hits', async () => {
    const hits = [await texts('#static-hits .hit'), await texts('#evolvable-hits .hit')]
    await page.reload()
    await answered(page, sample.questions[0].text)
    expect(await turns()).toBe(sample.turns.length + 1)
    await ask('When does the lighthouse museum open?')
    expect([await texts('#static-hits .hit'), await texts('#evolvable-hits .hit')]).toEqual(hits)
  })

  test('is unknown as of an earlier turn', async () => {
    await page.locator('#as-of').fill('60')
    await page.locator('#columns[data-as-of="60"]').waitFor()
    const steps = await page
      .locator('.column .hits > li')
      .evaluateAll((hits) => hits.map((hit) => Number((hit as HTMLElement).dataset.step)))
    expect(steps.length).toBe(10)
    expect(Math.max(...steps)).toBeLessThan(60)
    expect(await page.locator('.turn.unread').count()).toBe(sample.turns.length + 1 - 60)
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.locator(`#columns[data-as-of="${sample.turns.length + 1}"]`).waitFor()
    expect((await texts('#evolvable-hits .text'))[0]).toBe(markup)
  })
})

describe('a conversation of your own', () => {
  const chat = `8 May 2025
Ada: The skylight leaks again.
Bo: Which one?
Ada: The small one, over the bath.
[9 May 2025, 08:10] Bo: I called the roofer, she comes at noon.`

  test('is pasted, described, read and asked', async () => {
    await page.getByRole('button', { name: 'Load', exact: true }).click()
    await page.getByLabel('Paste it here').fill(chat)
    expect(await page.locator('#load-preview').innerText()).toBe('4 turns by Ada, Bo')
    await page.getByLabel('Name', { exact: true }).fill('Roof')
    await page.getByRole('button', { name: 'Read it' }).click()
    await page.locator('#turns > .turn', { hasText: 'I called the roofer' }).waitFor()
    expect(await turns()).toBe(4)
    expect(await page.locator('[data-day]').evaluateAll((days) => days.map((d) => d.dataset.day))).toEqual([
      '8 May 2025',
      '9 May 2025',
    ])
    await ask('When does the roofer come?')
    expect((await texts('#evolvable-hits .text'))[0]).toContain('she comes at noon')
  })

  test('keeps its name to itself', async () => {
    await page.getByRole('button', { name: 'Load', exact: true }).click()
    await page.getByLabel('Paste it here').fill('Ada: Hello')
    await page.getByLabel('Name', { exact: true }).fill('Roof')
    await page.getByRole('button', { name: 'Read it' }).click()
    await page.getByText('There is already a conversation "Roof"').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
  })

  test('a text that cannot be read is refused with its place', async () => {
    await page.getByRole('button', { name: 'Load', exact: true }).click()
    await page.getByLabel('Paste it here').fill('{"text":"a"}\n{"role":"b"}')
    expect(await page.locator('#load-preview').innerText()).toContain('Line 2 has no "text"')
    expect(await page.getByRole('button', { name: 'Read it' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Close' }).click()
  })

  test('a long file can be cancelled, and leaves nothing', async () => {
    const notes = Array.from({ length: 2000 }, (_, i) => `Ada: Note ${i} on the weather over the roof.`)
    await page.getByRole('button', { name: 'Load', exact: true }).click()
    const file = { name: 'weather.txt', mimeType: 'text/plain', buffer: Buffer.from(notes.join('\n')) }
    await page.getByLabel('or choose a file').setInputFiles(file)
    await page.getByText('2,000 turns by Ada').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('weather')
    await page.getByRole('button', { name: 'Read it' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Cancelled').waitFor()
    expect(await page.locator('#conversation option').allInnerTexts()).not.toContain('weather')
    expect(await turns()).toBe(4)
    await page.getByRole('button', { name: 'Dismiss' }).click()
  })

  test('travels as a file', async () => {
    await choose('Export …')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    const file = await (await download).path()
    await page.locator('#import-file').setInputFiles(file)
    await listed(3)
    expect(await turns()).toBe(4)
  })

  test('travels encrypted, and opens with its password alone', async () => {
    await choose('Export …')
    await page.getByLabel('Password (or none)').fill('four random words')
    const download = page.waitForEvent('download')
    await page.keyboard.press('Enter')
    const file = await (await download).path()
    const conversations = () => page.locator('#conversation option').count()
    const before = await conversations()
    await page.locator('#import-file').setInputFiles(file)
    for (const [heading, password] of [
      ['This file is encrypted', 'another'],
      ['It did not open', 'four random words'],
    ]) {
      await page.getByRole('heading', { name: heading }).waitFor()
      expect(await conversations()).toBe(before)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Open' }).click()
    }
    await listed(before + 1)
    expect(await turns()).toBe(4)
    await choose('Delete …')
    await page.getByRole('button', { name: 'Delete it' }).click()
    await listed(before)
  })

  test('is deleted after a confirmation', async () => {
    await page.getByRole('combobox', { name: 'Conversation' }).selectOption('Roof')
    await ask('Which skylight leaks?')
    for (const answer of ['Keep it', 'Delete it']) {
      await choose('Delete …')
      await page.getByRole('button', { name: answer }).click()
      if (answer === 'Keep it') expect(await page.locator('#conversation').inputValue()).toBe('Roof')
    }
    await listed(2)
    expect(await page.locator('#conversation option').allInnerTexts()).not.toContain('Roof')
  })
})

test('a turn added in another tab appears in this one', async () => {
  await page.getByRole('combobox', { name: 'Conversation' }).selectOption('sample')
  await answered(page, sample.questions[0].text)
  const tab = await visit({ width: 800, height: 600 })
  await tab.getByLabel('Turn', { exact: true }).fill('The heron has a friend now.')
  await tab.getByRole('button', { name: 'Add', exact: true }).click()
  await page.locator('#turns > .turn', { hasText: 'The heron has a friend now.' }).waitFor()
  await tab.close()
})

describe('on a phone', () => {
  test.each([360, 390])('%i px wide, nothing scrolls sideways', async (width) => {
    const phone = await visit({ width, height: 780 })
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    await phone.close()
  })
})

test('a model that is not there is an error by name, not a blank page', async () => {
  const lost = await visitor.newPage()
  await lost.goto(`${inject('demoUrl')}?model=models/none/`)
  await lost.getByText('The model could not be fetched').waitFor()
  await lost.close()
})

test('the console stays silent throughout', () => {
  expect(complaints).toEqual([])
})
