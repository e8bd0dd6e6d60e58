/** `npm run bench:gpu`: the kernels on this machine's GPU, in Node through Dawn (npm `webgpu`). */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'
import { create, globals } from 'webgpu'
import { markdown } from '../report'
import type * as Kernels from './kernels'

const usage = `npm run bench:gpu -- [options]

Times each WGSL kernel by timestamp queries, against the bandwidth and arithmetic that this GPU shows, and the memory
head as a whole. Writes gpu.md and gpu.json. Dawn takes Vulkan on Linux: VK_DRIVER_FILES names another driver.

--model DIR   a model folder; default models/evo-mini
--out DIR     where the results go; default runs/bench
--quick       one small run: to see that it runs`

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/evo-mini' },
    out: { type: 'string', default: 'runs/bench' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}

Object.assign(globalThis, globals)
// The shaders are imported as text, which Vite knows how to do.
const { module } = await runnerImport<typeof Kernels>('/scripts/bench/gpu/kernels.ts', { configFile: false })
const { d, K, C, heads, m, t } = JSON.parse(readFileSync(join(values.model, 'evo.json'), 'utf8'))
const sections = await module.benchKernels({
  gpu: create([]),
  dimensions: { d, K, C, heads, m, t },
  weights: new Uint8Array(readFileSync(join(values.model, 'head.safetensors'))),
  quick: values.quick,
})
console.log(markdown(sections))
mkdirSync(values.out, { recursive: true })
writeFileSync(join(values.out, 'gpu.md'), markdown(sections))
writeFileSync(join(values.out, 'gpu.json'), JSON.stringify(sections, null, 2) + '\n')
// Dawn keeps Node alive.
process.exit(0)
