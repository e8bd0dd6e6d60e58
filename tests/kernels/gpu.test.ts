import { expect, test } from 'vitest'
import { openGpu } from './compare'

test('a batch the device refuses is an error that says why', async () => {
  const gpu = await openGpu()
  const small = gpu.device.createBuffer({ size: 4, usage: GPUBufferUsage.COPY_SRC })
  const batch = gpu.batch()
  batch.run('mean', { reads: { x: small }, writes: { y: small }, constants: { rows: 1, width: 1, slots: 1 } })
  await expect(batch.submit()).rejects.toThrow(/WebGPU: .*usage/i)
})

test('after work that failed no buffer is used again: there may have been no memory for it', async () => {
  const gpu = await openGpu()
  const [used, free] = [gpu.take(256), gpu.take(256)]
  gpu.release(free)
  const batch = gpu.batch()
  batch.copy(used, used, 1000)
  await expect(batch.submit()).rejects.toThrow(/WebGPU: /)
  gpu.release(used)
  const taken = gpu.take(256)
  expect([used, free]).not.toContain(taken)
  gpu.release(taken)
  expect(gpu.take(256)).toBe(taken)
})

test('a lost device is an error by name', async () => {
  const other = await openGpu()
  const buffer = other.take(4)
  const work = other.batch().submit({ buffer, count: 1 })
  other.device.destroy()
  await expect(work).rejects.toMatchObject({ name: 'DeviceLostError', device: 'webgpu' })
})
