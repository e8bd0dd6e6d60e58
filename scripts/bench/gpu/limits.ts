/** What the device can do at most, measured: memory by a copy, arithmetic by chains of multiply and add. */

import { spread } from '../measure'
import copy from './copy.wgsl?raw'
import multiply from './multiply.wgsl?raw'
import type { Timer } from './timer'

export interface Limits {
  bytesPerSecond: number
  operationsPerSecond: number
}

const THREADS = 256
/** Multiply and add of four lanes count 8; four of them a step. */
const OPERATIONS_A_THREAD = 256 * 4 * 8

/** @param bytes that a copy reads: more than the caches hold. */
export async function measureLimits(device: GPUDevice, timer: Timer, bytes: number): Promise<Limits> {
  const usage = GPUBufferUsage.STORAGE
  const [x, y] = [device.createBuffer({ size: bytes, usage }), device.createBuffer({ size: bytes, usage })]
  const groups = bytes / 16 / THREADS
  const time = async (code: string) => {
    const pipeline = device.createComputePipeline({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code }) },
    })
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [x, y].map((buffer, binding) => ({ binding, resource: { buffer } })),
    })
    const values = await timer.microseconds(
      (pass) => {
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, group)
        pass.dispatchWorkgroups(groups)
      },
      1,
      9,
    )
    return spread(values).median / 1e6
  }
  const limits = {
    bytesPerSecond: (2 * bytes) / (await time(copy)),
    operationsPerSecond: (groups * THREADS * OPERATIONS_A_THREAD) / (await time(multiply)),
  }
  x.destroy()
  y.destroy()
  return limits
}
