/** `npm run bench`: the engine against what a user would take instead, side by side in headless Chromium. */

import { createRequire } from 'node:module'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openPage, type OpenedPage } from '../openPage'
import { chart } from './chart'
import { firstVector } from './firstVector'
import type { Comparison } from './page'
import { markdown } from './report'
import type { Section } from './section'
import type { setting } from './setting'

type Given = Parameters<typeof setting>[0]

/** On each device; the others do not depend on it, or are about one. */
const ON_EACH_DEVICE = ['append', 'firstVector', 'longDocument']
const comparisons: ('firstVector' | Comparison)[] = [
  'staticEncoding',
  'append',
  'head',
  'topK',
  'firstVector',
  'length',
  'opening',
  'longDocument',
]

const ALONE = 'longDocument'

const usage = `npm run bench -- [options]

Measures, in headless Chromium: ${comparisons.join(', ')}.
Writes bench.md, bench.json and bench.svg, and progress to stderr. WASM always; WebGPU too where there is a hardware adapter.

--only A,B     only these; results of others that are in DIR stay. Default all but ${ALONE}, which takes minutes
--turns N      turns read where encoding is timed; default 300, with --quick 16
--quick        one round and small sizes: to see that it runs
--model DIR    a model folder; default models/evo-mini
--out DIR      where the results go; default runs/bench`

function readArguments() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      turns: { type: 'string' },
      quick: { type: 'boolean', default: false },
      model: { type: 'string', default: 'models/evo-mini' },
      out: { type: 'string', default: 'runs/bench' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  const only = values.only?.split(',') ?? comparisons.filter((name) => name !== ALONE)
  const unknown = only.find((name) => !comparisons.includes(name as Comparison))
  if (unknown !== undefined) throw new Error(`there is no comparison '${unknown}'\n\n${usage}`)
  const turns = Number(values.turns ?? (values.quick ? 16 : 300))
  if (!(Number.isInteger(turns) && turns > 0))
    throw new Error(`--turns is '${values.turns}': a whole number from 1`)
  if (!existsSync(join(values.model, 'evo.json'))) throw new Error(`no evo.json in '${values.model}'`)
  return {
    ...values,
    turns,
    only: comparisons.filter((name) => only.includes(name)),
    model: resolve(values.model),
  }
}

async function measure(
  opened: OpenedPage,
  name: (typeof comparisons)[number],
  given: Given,
): Promise<Section> {
  if (name === 'firstVector') return firstVector(opened, given)
  // A tab of its own: what one comparison leaves behind does not slow the next.
  const page = await opened.another()
  page.on('console', (message) => message.type() === 'info' && console.error(`  ${message.text()}`))
  try {
    await page.waitForFunction(() => 'bench' in window)
    return await page.evaluate(([name, given]) => window.bench.run(name, given), [name, given] as const)
  } finally {
    await page.context().close()
  }
}

/** The folder of the ONNX Runtime that transformers.js brings along. */
function peerRuntime(): string {
  const peer = createRequire(import.meta.url).resolve('@huggingface/transformers')
  return dirname(createRequire(peer).resolve('onnxruntime-web'))
}

/** By comparison and device: where and when it was measured, and what was found. */
type Results = Record<string, { where: string; section: Section }>

/** What earlier runs wrote there: a run of some comparisons leaves the others' results as they are. */
function earlier(out: string): Results {
  const file = join(out, 'bench.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

function write(out: string, results: Results): void {
  const order = ({ 0: key }: [string, unknown]) => comparisons.indexOf(key.split(' ')[0] as Comparison)
  const found = Object.entries(results).sort((a, b) => order(a) - order(b))
  const sections = found.map(([, { where, section }]) => ({ ...section, note: `${section.note} ${where}.` }))
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'bench.json'), JSON.stringify(Object.fromEntries(found), null, 2) + '\n')
  writeFileSync(join(out, 'bench.md'), markdown(sections))
  writeFileSync(join(out, 'bench.svg'), chart(sections))
}

const { only, turns, quick, model, out } = readArguments()
const name = basename(model)
const opened = await openPage({
  html: 'scripts/bench/page.html',
  folders: { [`models/${name}`]: model, 'peers/onnxruntime': peerRuntime() },
  minify: true,
})
try {
  await opened.page.waitForFunction(() => 'bench' in window)
  const hardware = await opened.page.evaluate(() => window.bench.hardware())
  const where = `${cpus().length} × ${cpus()[0].model.trim()}, Chromium ${opened.browser.version()} headless`
  console.error(where)
  console.error(
    hardware ? `WebGPU: ${hardware}` : 'WebGPU: no hardware adapter, so only what is said to be software',
  )
  const results = quick ? {} : earlier(out)
  const date = new Date().toISOString().slice(0, 10)
  for (const comparison of only) {
    const devices =
      hardware && ON_EACH_DEVICE.includes(comparison) ? (['wasm', 'webgpu'] as const) : (['wasm'] as const)
    for (const device of devices) {
      console.error(`${comparison}, ${device} …`)
      const given = { device, turns, quick, model: `/models/${name}/`, runtime: '/peers/onnxruntime/' }
      const section = await measure(opened, comparison, given)
      results[`${comparison} ${device}`] = { where: `${where}, ${date}`, section }
      console.log(markdown([section]))
    }
  }
  write(out, results)
  console.error(`written to ${out}`)
} finally {
  await opened.close()
}
