/** The WebGPU device as the head uses it: ops by name, batches of them, a pool of buffers. */

import { table, type Call, type Op, type OpName } from '../../shaders/table'
import { DeviceLostError } from '../errors'

interface Dispatch {
  name: OpName
  buffers: GPUBuffer[]
  constants: Record<string, number>
}

/** Wraps a device that someone else made and will destroy. */
export class Gpu {
  private readonly layouts = new Map<OpName, GPUBindGroupLayout>()
  private readonly pipelines = new Map<string, GPUComputePipeline>()
  private readonly free = new Map<number, GPUBuffer[]>()
  /** Buffers made since work failed last. */
  private sound = new WeakSet<GPUBuffer>()

  constructor(readonly device: GPUDevice) {}

  /** A storage buffer of at least so many bytes, contents arbitrary; give it back with `release`. */
  take(bytes: number): GPUBuffer {
    const size = Math.max(256, 2 ** Math.ceil(Math.log2(bytes)))
    const usage =
      GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
    const known = this.free.get(size)?.pop()
    if (known) return known
    const made = this.device.createBuffer({ size, usage })
    this.sound.add(made)
    return made
  }

  /** A buffer may be released as soon as the work that uses it is submitted: the queue keeps the order. */
  release(...buffers: GPUBuffer[]) {
    for (const buffer of buffers) {
      if (!this.sound.has(buffer)) {
        buffer.destroy()
        continue
      }
      if (!this.free.has(buffer.size)) this.free.set(buffer.size, [])
      this.free.get(buffer.size)!.push(buffer)
    }
  }

  /** After work has failed: any buffer may be one that there was no memory for, so none is used again. */
  distrust() {
    for (const buffer of [...this.free.values()].flat()) buffer.destroy()
    this.free.clear()
    this.sound = new WeakSet()
  }

  /** A buffer that holds `data`. */
  upload(data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.take(data.byteLength)
    this.device.queue.writeBuffer(buffer, 0, data)
    return buffer
  }

  batch(): Batch {
    return new Batch(this)
  }

  layout(name: OpName): GPUBindGroupLayout {
    const known = this.layouts.get(name)
    if (known) return known
    const { reads, writes } = table[name]
    const types: GPUBufferBindingType[] = [
      'uniform',
      ...reads.map(() => 'read-only-storage' as const),
      ...writes.map(() => 'storage' as const),
    ]
    const layout = this.device.createBindGroupLayout({
      label: name,
      entries: types.map((type, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type, hasDynamicOffset: type === 'uniform' },
      })),
    })
    this.layouts.set(name, layout)
    return layout
  }

  pipeline(name: OpName, overrides: Record<string, number> = {}): GPUComputePipeline {
    const key = name + JSON.stringify(overrides)
    const known = this.pipelines.get(key)
    if (known) return known
    const pipeline = this.device.createComputePipeline({
      label: name,
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.layout(name)] }),
      compute: {
        module: this.device.createShaderModule({ label: name, code: table[name].code }),
        constants: overrides,
      },
    })
    this.pipelines.set(key, pipeline)
    return pipeline
  }

  /** Destroys the pooled buffers. */
  close() {
    for (const buffers of this.free.values()) for (const buffer of buffers) buffer.destroy()
    this.free.clear()
  }
}

/** Ops that run in order, in one command buffer. */
export class Batch {
  private readonly dispatches: Dispatch[] = []
  private readonly copies: { from: GPUBuffer; to: GPUBuffer; bytes: number }[] = []
  private readonly scratch: GPUBuffer[] = []

  constructor(private readonly gpu: Gpu) {}

  /** Room for so many f32, given back when the batch is submitted. */
  floats(count: number): GPUBuffer {
    const buffer = this.gpu.take(count * 4)
    this.scratch.push(buffer)
    return buffer
  }

  /** Room that holds `data`, given back when the batch is submitted. */
  upload(data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.gpu.upload(data)
    this.scratch.push(buffer)
    return buffer
  }

  /** Nothing runs before `submit`. */
  run<Name extends OpName>(name: Name, call: Call<Name, GPUBuffer>) {
    const { reads, writes } = table[name] as Op<string, string, string>
    const given = { ...call.reads, ...call.writes } as Record<string, GPUBuffer>
    const buffers = [...reads, ...writes].map((binding) => given[binding])
    this.dispatches.push({ name, buffers, constants: call.constants })
  }

  /** Copies the first `count` f32 of one buffer to another, once all ops have run. */
  copy(from: GPUBuffer, to: GPUBuffer, count: number) {
    this.copies.push({ from, to, bytes: count * 4 })
  }

  /**
   * Runs the batch and reads back the first `count` f32 of each of the buffers named. Throws what the device
   * has to say against the batch: a validation error, no memory, or DeviceLostError.
   */
  async submit(...wanted: { buffer: GPUBuffer; count: number }[]): Promise<Float32Array<ArrayBuffer>[]> {
    const { device } = this.gpu
    device.pushErrorScope('out-of-memory')
    device.pushErrorScope('validation')
    const encoder = device.createCommandEncoder()
    this.encode(encoder)
    for (const { from, to, bytes } of this.copies) encoder.copyBufferToBuffer(from, 0, to, 0, bytes)
    const readable = wanted.map(({ buffer, count }) => {
      const size = count * 4
      const copy = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, size)
      return copy
    })
    device.queue.submit([encoder.finish()])
    this.gpu.release(...this.scratch)
    const errors = [device.popErrorScope(), device.popErrorScope()]
    const mapped = Promise.allSettled(readable.map((copy) => copy.mapAsync(GPUMapMode.READ)))
    for (const error of await Promise.all(errors)) {
      if (!error) continue
      for (const copy of readable) copy.destroy()
      this.gpu.distrust()
      throw new Error(`WebGPU: ${error.message}`)
    }
    // Nothing unmaps these buffers before they are read, so only a lost device can reject.
    for (const result of await mapped)
      if (result.status === 'rejected') throw new DeviceLostError('webgpu', String(result.reason.message))
    return readable.map((copy) => {
      const values = new Float32Array(copy.getMappedRange().slice(0))
      copy.destroy()
      return values
    })
  }

  /** Constants of all dispatches lie in one buffer, found by dynamic offsets, so that bind groups are shared. */
  private encode(encoder: GPUCommandEncoder) {
    const { device } = this.gpu
    const stride = device.limits.minUniformBufferOffsetAlignment
    const constants = new Int32Array((this.dispatches.length * stride) / 4)
    const uniform = this.floats(constants.length)
    const groups = new Map<string, GPUBindGroup>()
    const numbers = new Map<GPUBuffer, number>()
    const pass = encoder.beginComputePass()
    this.dispatches.forEach(({ name, buffers, constants: values }, index) => {
      const line = table[name] as Op<string, string, string>
      line.constants.forEach((field, i) => (constants[(index * stride) / 4 + i] = values[field]))
      const key = [
        name,
        ...buffers.map((b) => numbers.get(b) ?? numbers.set(b, numbers.size).size - 1),
      ].join()
      let group = groups.get(key)
      if (!group) {
        const entries = buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } }))
        group = device.createBindGroup({
          label: name,
          layout: this.gpu.layout(name),
          entries: [
            { binding: 0, resource: { buffer: uniform, size: line.constants.length * 4 } },
            ...entries,
          ],
        })
        groups.set(key, group)
      }
      pass.setPipeline(this.gpu.pipeline(name, line.overrides?.(values)))
      pass.setBindGroup(0, group, [index * stride])
      pass.dispatchWorkgroups(...line.workgroups(values))
    })
    pass.end()
    device.queue.writeBuffer(uniform, 0, constants)
  }
}
