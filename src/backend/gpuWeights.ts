/** The head's weights on the GPU, each put there when it is first asked for. */

import { ModelCorruptError } from '../errors'
import { areHalves, toFloat32, toHalves, type StoredTensor } from '../safetensors'
import { WEIGHTS } from './files'
import type { Gpu } from './gpu'

export class GpuWeights {
  private readonly buffers = new Map<string, GPUBuffer>()

  /** `tensors` are those of head.safetensors. */
  constructor(
    private readonly gpu: Gpu,
    private readonly tensors: ReadonlyMap<string, StoredTensor>,
  ) {}

  shape(name: string): readonly number[] {
    return this.tensor(name).shape
  }

  /** A tensor as f32. */
  vector(name: string): GPUBuffer {
    return this.buffer(name, () => toFloat32(this.tensor(name)))
  }

  /** A matrix as the op `linear` takes it: f16 in pairs. */
  matrix(name: string): GPUBuffer {
    return this.buffer(name, () => {
      const tensor = this.tensor(name)
      if (!areHalves(tensor) || tensor.shape[1] % 2) {
        const found = `${tensor.dtype} [${tensor.shape}]`
        throw new ModelCorruptError(WEIGHTS, `${name} is ${found}, not I8 or F16 of an even width`)
      }
      return new Uint32Array(toHalves(tensor).buffer)
    })
  }

  /** The bias of a layer, zeros where it has none. */
  bias(layer: string, outer: number): GPUBuffer {
    const name = `${layer}.bias`
    return this.buffer(name, () =>
      this.tensors.has(name) ? toFloat32(this.tensor(name)) : new Float32Array(outer),
    )
  }

  close() {
    this.gpu.release(...this.buffers.values())
    this.buffers.clear()
  }

  private buffer(
    name: string,
    values: () => Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
  ): GPUBuffer {
    let buffer = this.buffers.get(name)
    if (!buffer) this.buffers.set(name, (buffer = this.gpu.upload(values())))
    return buffer
  }

  private tensor(name: string): StoredTensor {
    const tensor = this.tensors.get(name)
    if (!tensor) throw new ModelCorruptError(WEIGHTS, `tensor ${name} is missing`)
    return tensor
  }
}
