/** WebGPU: the encoder on ONNX Runtime's WebGPU provider, the memory head on our kernels, one GPUDevice for both. */

import { Encoder } from '../encoder'
import { Ending } from '../ending'
import { DeviceLostError } from '../errors'
import { Reranker } from '../reranker'
import { loadRuntime } from '../runtime'
import { parseSafetensors } from '../safetensors'
import type { Backend, Candidates, Device, Dimensions, Keep, QueueState, TokenBatch } from './backend'
import { ENCODER_WEIGHTS, ENCODERS, RERANK, WEIGHTS } from './files'
import { Gpu } from './gpu'
import { GpuHead } from './gpuHead'
import { GpuQueue, GpuReadings } from './gpuQueue'
import { GpuWeights } from './gpuWeights'

export const webgpu: Device = {
  name: 'webgpu',
  files: [ENCODERS.webgpu, ENCODER_WEIGHTS, WEIGHTS, RERANK],

  async unsuited() {
    if (!navigator.gpu) return 'this browser has no WebGPU here'
    const adapter = await navigator.gpu.requestAdapter()
    if (!adapter) return 'there is no WebGPU adapter'
    // Browsers had WebGPU before they told of adapters.
    return adapter.info?.isFallbackAdapter ? `${describe(adapter.info)} is a software adapter` : undefined
  },

  async open(dimensions, files) {
    if (!navigator.gpu) throw new Error('this browser has no WebGPU here')
    const runtime = await loadRuntime('webgpu')
    const encoder = await Encoder.create(runtime, 'webgpu', files, 'gpu-buffer')
    const gpu = new Gpu(await runtime.env.webgpu.device)
    const weights = files.get(WEIGHTS)!
    const head = new GpuHead(new GpuWeights(gpu, parseSafetensors(WEIGHTS, weights)), dimensions)
    const reranker = await Reranker.create(runtime, files.get(RERANK)!, weights, dimensions)
    return new WebGpuBackend(dimensions, gpu, encoder, head, reranker)
  },
}

class WebGpuBackend implements Backend {
  readonly device = 'webgpu'
  readonly description: string
  /** `runTokens` is a guess, no graphics hardware was at hand: a run starts some hundred kernels. */
  readonly batching = { mostTokens: 4096, runTokens: 256 }
  readonly lost: Promise<string>
  private readonly loss = new Ending()
  /** The batch before this one: one may be under way while the next is prepared, no more. */
  private previous: Promise<unknown> = Promise.resolve()

  constructor(
    readonly dimensions: Dimensions,
    private readonly gpu: Gpu,
    private readonly encoder: Encoder,
    private readonly head: GpuHead,
    private readonly reranker: Reranker,
  ) {
    this.description = describe(gpu.device.adapterInfo)
    this.lost = gpu.device.lost.then(({ reason, message }) => message || reason)
    void this.lost.then((reason) => this.loss.end(new DeviceLostError('webgpu', reason)))
  }

  readings(count: number, keep?: Keep): GpuReadings {
    return new GpuReadings(this.gpu, this.head, count, keep)
  }

  async read(batch: TokenBatch, into: GpuReadings): Promise<void> {
    // ONNX Runtime may never answer once the device is gone.
    const { states, middle } = await this.loss.before(() => this.encoder.run(batch, into.keeps))
    const pooling = this.gpu.batch()
    const buffer = states.gpuBuffer as GPUBuffer
    this.head.pool(pooling, buffer, batch, into.summaries, into.static)
    this.head.late(pooling, buffer, batch, into.takeLate(batch))
    if (middle) into.keepStates(pooling, middle.gpuBuffer as GPUBuffer, batch)
    const submitted = pooling.submit()
    states.dispose()
    middle?.dispose()
    await submitted
    await this.loss.before(() => this.previous)
    this.previous = this.gpu.device.queue.onSubmittedWorkDone()
  }

  openQueue(state: QueueState): Promise<GpuQueue> {
    return GpuQueue.open(this.gpu, this.head, state)
  }

  rerank(candidates: Candidates): Promise<Float32Array> {
    return this.reranker.run(candidates)
  }

  async close() {
    this.head.close()
    this.gpu.close()
    await this.encoder.close()
    await this.reranker.close()
  }
}

/** Names an adapter by what the browser tells of it, if anything. */
function describe({ vendor, architecture, device, description }: Partial<GPUAdapterInfo> = {}): string {
  return [description || device, vendor, architecture].filter(Boolean).join(', ') || 'an unnamed adapter'
}
