/** Every op of the head on the GPU of this machine, against what that GPU can do. Run by main.ts. */

import { table, type Op } from '../../../shaders/table'
import type { Dimensions } from '../../../src/backend/backend'
import { Gpu } from '../../../src/backend/gpu'
import { GpuHead } from '../../../src/backend/gpuHead'
import { GpuQueue, GpuReadings } from '../../../src/backend/gpuQueue'
import { GpuWeights } from '../../../src/backend/gpuWeights'
import { parseSafetensors } from '../../../src/safetensors'
import { milliseconds } from '../measure'
import { randomValues } from '../random'
import { row, type Section } from '../section'
import { spread } from '../measure'
import { figure } from '../report'
import { calls, type OpCall } from './calls'
import { measureLimits, type Limits } from './limits'
import { Timer } from './timer'

const SEGMENTS = 256

export interface Given {
  gpu: GPU
  dimensions: Dimensions
  /** Bytes of head.safetensors. */
  weights: Uint8Array<ArrayBuffer>
  quick: boolean
}

export async function benchKernels({ gpu: api, dimensions, weights, quick }: Given): Promise<Section[]> {
  const adapter = await api.requestAdapter()
  if (!adapter) throw new Error('there is no WebGPU adapter: Dawn needs Vulkan, Metal or Direct3D')
  if (!adapter.features.has('timestamp-query')) throw new Error('the adapter has no timestamp queries')
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits
  const device = await adapter.requestDevice({
    requiredFeatures: ['timestamp-query'],
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
  })
  const name = adapter.info.description || adapter.info.device || adapter.info.vendor
  const gpu = new Gpu(device)
  const timer = new Timer(device)
  const limits = await measureLimits(device, timer, quick ? 2 ** 22 : 2 ** 26)
  const rows = []
  for (const call of calls(dimensions)) rows.push(await timed(gpu, timer, call, limits, quick))
  const reading = await readSegments(gpu, dimensions, weights, quick)
  device.destroy()
  return [
    {
      title: `Kernels on ${name}`,
      note:
        `By timestamp queries. This device copies ${figure(limits.bytesPerSecond / 1e9)} GB/s and computes ` +
        `${figure(limits.operationsPerSecond / 1e9)} GFLOP/s, both measured here; the share is of the time in which it ` +
        'could at best move and compute what the op must.',
      rows,
    },
    {
      title: `Memory head on ${name}`,
      note: `Segments read into a memory, from the call until latents and embeddings are read back.`,
      rows: [reading],
    },
  ]
}

async function timed(gpu: Gpu, timer: Timer, call: OpCall, limits: Limits, quick: boolean) {
  const { op, constants, buffers, bytes, operations, title } = call
  const line = table[op] as Op<string, string, string>
  const uniform = gpu.upload(Int32Array.from(line.constants, (field) => constants[field]))
  const bound = buffers.map((size) => gpu.take(size))
  const group = gpu.device.createBindGroup({
    layout: gpu.layout(op),
    entries: [uniform, ...bound].map((buffer, binding) => ({
      binding,
      resource: binding ? { buffer } : { buffer, size: line.constants.length * 4 },
    })),
  })
  const pipeline = gpu.pipeline(op, line.overrides?.(constants))
  const values = await timer.microseconds(
    (pass) => {
      pass.setPipeline(pipeline)
      pass.setBindGroup(0, group, [0])
      pass.dispatchWorkgroups(...line.workgroups(constants))
    },
    quick ? 1 : 100,
    quick ? 2 : 9,
  )
  gpu.release(uniform, ...bound)
  const best = Math.max(bytes / limits.bytesPerSecond, operations / limits.operationsPerSecond)
  const share = (100 * best * 1e6) / spread(values).median
  const limit = best === bytes / limits.bytesPerSecond ? 'bandwidth' : 'arithmetic'
  return row(`${title}: ${figure(share)} % of the ${limit} limit`, 'µs', values)
}

async function readSegments(gpu: Gpu, dimensions: Dimensions, weights: Given['weights'], quick: boolean) {
  const count = quick ? 4 : SEGMENTS
  const { d, K } = dimensions
  const head = new GpuHead(new GpuWeights(gpu, parseSafetensors('head.safetensors', weights)), dimensions)
  const readings = new GpuReadings(gpu, head, count)
  gpu.device.queue.writeBuffer(readings.static, 0, randomValues(count * d, 1))
  gpu.device.queue.writeBuffer(readings.summaries, 0, randomValues(count * K * d, 2))
  const read = async () => {
    const queue = await GpuQueue.open(gpu, head, {
      step: 0,
      latents: new Uint16Array(),
      statics: new Float32Array(),
    })
    await queue.advance(readings, 0, count)
    queue.close()
  }
  await read()
  const values: number[] = []
  for (let round = 0; round < (quick ? 1 : 9); round++) values.push((await milliseconds(read)) / count)
  return row(`a segment, of ${count}`, 'ms', values)
}
