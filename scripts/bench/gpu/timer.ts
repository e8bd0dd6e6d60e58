/** Time on the GPU, by its own clock. */

export type Encode = (pass: GPUComputePassEncoder) => void

/** For a device that has the feature 'timestamp-query'. */
export class Timer {
  private readonly marks: GPUQuerySet
  private readonly resolved: GPUBuffer
  private readonly read: GPUBuffer

  constructor(private readonly device: GPUDevice) {
    this.marks = device.createQuerySet({ type: 'timestamp', count: 2 })
    this.resolved = device.createBuffer({
      size: 16,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    })
    this.read = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
  }

  /** Microseconds of one of `repeats` times what `encode` does, in one pass: one value a round. */
  async microseconds(encode: Encode, repeats: number, rounds: number): Promise<number[]> {
    const values: number[] = []
    await this.once(encode, 1)
    for (let round = 0; round < rounds; round++)
      values.push((await this.once(encode, repeats)) / repeats / 1000)
    return values
  }

  private async once(encode: Encode, repeats: number): Promise<number> {
    const encoder = this.device.createCommandEncoder()
    const pass = encoder.beginComputePass({
      timestampWrites: { querySet: this.marks, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
    })
    for (let i = 0; i < repeats; i++) encode(pass)
    pass.end()
    encoder.resolveQuerySet(this.marks, 0, 2, this.resolved, 0)
    encoder.copyBufferToBuffer(this.resolved, 0, this.read, 0, 16)
    this.device.queue.submit([encoder.finish()])
    await this.read.mapAsync(GPUMapMode.READ)
    const [begin, end] = new BigInt64Array(this.read.getMappedRange())
    const nanoseconds = Number(end - begin)
    this.read.unmap()
    return nanoseconds
  }
}
