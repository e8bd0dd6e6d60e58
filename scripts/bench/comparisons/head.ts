import type { InferenceSession } from 'onnxruntime-web'
import type { Dimensions, Queue, Readings } from '../../../src/backend/backend'
import { UPDATE, WEIGHTS } from '../../../src/backend/files'
import { Gpu } from '../../../src/backend/gpu'
import { GpuHead } from '../../../src/backend/gpuHead'
import { GpuQueue, GpuReadings } from '../../../src/backend/gpuQueue'
import { GpuWeights } from '../../../src/backend/gpuWeights'
import { WasmReadings } from '../../../src/backend/wasm'
import { Head } from '../../../src/backend/wasmHead'
import { WasmQueue, type Update } from '../../../src/backend/wasmQueue'
import { ModelFolder } from '../../../src/modelFolder'
import { loadRuntime, type Runtime } from '../../../src/runtime'
import { parseSafetensors } from '../../../src/safetensors'
import { interleaved } from '../measure'
import { randomValues } from '../random'
import { compared, row, type Row, type Section } from '../section'
import type { Setting } from '../setting'

const EMPTY = { step: 0, latents: new Uint16Array(), statics: new Float32Array() }

/** Names of the casts to f16 in the graphs: the provider has none where the adapter has no f16. */
const ROUNDING = ['node__to_copy', 'node__to_copy_1']

/** The memory head: our kernels against its own ONNX graphs on ONNX Runtime's WebGPU provider, on one adapter. */
export async function head({ model, quick }: Setting): Promise<Section> {
  const adapter = await navigator.gpu?.requestAdapter()
  if (!adapter) throw new Error('there is no WebGPU adapter')
  const software = adapter.info.isFallbackAdapter
  const counts = quick ? [4] : software ? [8, 32] : [8, 64, 256]
  const folder = await ModelFolder.open(model.href)
  const { d, K } = folder.manifest
  const files = await folder.read([WEIGHTS, UPDATE, ...Head.graphs])
  const runtime = await loadRuntime('webgpu')
  const halves = adapter.features.has('shader-f16')
  const provider = { name: 'webgpu', ...(!halves && { forceCpuNodeNames: ROUNDING }) }
  const options = { executionProviders: [provider], logSeverityLevel: 3 } as const
  const graphs = await Head.create(runtime, files, options)
  const update = await graphUpdate(runtime, files, options, folder.manifest)
  const gpu = new Gpu(await runtime.env.webgpu.device)
  const kernels = new GpuHead(
    new GpuWeights(gpu, parseSafetensors(WEIGHTS, files.get(WEIGHTS)!)),
    folder.manifest,
  )

  const most = counts.at(-1)!
  const theirs = new WasmReadings(most, folder.manifest)
  theirs.static.set(randomValues(most * d, 1))
  theirs.row.set(randomValues(most * K * d, 2))
  const ours = new GpuReadings(gpu, kernels, most)
  gpu.device.queue.writeBuffer(ours.static, 0, randomValues(most * d, 1))
  gpu.device.queue.writeBuffer(ours.summaries, 0, randomValues(most * K * d, 2))
  const reads = (open: () => Promise<Queue>, readings: Readings) => async (count: number) => {
    const queue = await open()
    await queue.advance(readings, 0, count)
    queue.close()
  }
  const ourHead = reads(() => GpuQueue.open(gpu, kernels, EMPTY), ours)
  const theirHead = reads(() => WasmQueue.open(graphs, update, folder.manifest, EMPTY), theirs)
  const rows: Row[] = []
  for (const count of counts) {
    await ourHead(Math.min(count, 8))
    await theirHead(Math.min(count, 8))
    const timings = await interleaved(quick ? 1 : 3, {
      kernels: () => ourHead(count),
      graphs: () => theirHead(count),
    })
    const times: [number[], number[]] = [timings.graphs, timings.kernels]
    rows.push(
      row(`${count} segments, our kernels`, 'ms', timings.kernels),
      compared(`${count} segments, ONNX Runtime`, 'ms', timings.graphs, 'our kernels', times, { atLeast: 5 }),
    )
  }
  await graphs.close()
  await update.close()
  const name = adapter.info.description || adapter.info.device || adapter.info.vendor
  return {
    title: `Memory head: our WGSL kernels against ONNX Runtime's WebGPU provider`,
    note:
      `Segments read into an empty memory, on ${name}${software ? ' (software: no statement about hardware)' : ''}. ` +
      'The provider runs the same arithmetic as ONNX graphs, one run a step, queue passed in and latents read back each time' +
      `${halves ? '' : '; latents are rounded to f16 on the CPU, as this adapter has no f16'}.`,
    rows,
  }
}

/** The update as its graph, one run a step. */
async function graphUpdate(
  { InferenceSession, Tensor }: Runtime,
  files: ReadonlyMap<string, Uint8Array>,
  options: InferenceSession.SessionOptions,
  { C, K, d }: Dimensions,
): Promise<Update & { close(): Promise<void> }> {
  const externalData = [{ path: WEIGHTS, data: files.get(WEIGHTS)! }]
  const session = await InferenceSession.create(files.get(UPDATE)!, { ...options, externalData })
  const size = K * d
  return {
    async run(rows, keys, values, step) {
      const latents = new Float32Array(rows.length)
      for (let i = 0; i * size < rows.length; i++) {
        const behind = (C + i) * size
        const outputs = await session.run({
          rows: new Tensor('float32', rows.subarray(i * size, (i + 1) * size), [K, d]),
          keys: new Tensor('float32', keys.subarray(i * size, behind), [C * K, d]),
          values: new Tensor('float32', values.subarray(i * size, behind), [C * K, d]),
          count: new Tensor('int64', BigInt64Array.of(BigInt(Math.min(step + i, C))), []),
        })
        latents.set(outputs.latents.data as Float32Array, i * size)
        keys.set(outputs.key.data as Float32Array, behind)
        values.set(outputs.value.data as Float32Array, behind)
      }
      return latents
    },
    close: () => session.release(),
  }
}
