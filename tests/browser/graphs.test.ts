/** Every graph of the tiny model on ONNX Runtime's WASM backend, against PyTorch: tests/fixtures/README.md. */

import type { InferenceSession, Tensor } from 'onnxruntime-web'
import { expect, test } from 'vitest'
import { ENCODER_WEIGHTS, ENCODERS, external, RERANK, UPDATE, WEIGHTS } from '../../src/backend/files'
import { Head } from '../../src/backend/wasmHead'
import { ModelFolder } from '../../src/modelFolder'
import { loadRuntime } from '../../src/runtime'
import { toFloat32 } from '../../src/safetensors'
import { difference, OF_CODES, readParity, tinyModel } from './tinyModel'

const TOLERANCE = 1e-4

/** Rounded to f16, or computed from what is: the last bit may fall either way. */
const ROUNDED = { rows: 2e-3, latents: 4e-3, key: 2e-3, value: 2e-3 }

const integers = [
  'input_ids',
  'attention_mask',
  'token_type_ids',
  'count',
  'role',
  'step',
  'base',
  'query_step',
]

const paths = [...Object.values(ENCODERS), ...Head.graphs, UPDATE, RERANK]

test.each(paths)('%s computes what PyTorch does', async (path) => {
  const { Tensor, InferenceSession } = await loadRuntime('wasm')
  const files = await (await ModelFolder.open(tinyModel)).read([path, ENCODER_WEIGHTS, WEIGHTS])
  const session: InferenceSession = await InferenceSession.create(files.get(path)!, {
    executionProviders: ['wasm'],
    externalData: [ENCODER_WEIGHTS, WEIGHTS].map((path) => external(path, files)),
  })
  const graph = path.slice('onnx/'.length, -'.onnx'.length)
  const cases = (await readParity()).get(graph)!
  expect(cases.size).toBeGreaterThan(1)
  for (const [name, tensors] of cases) {
    const feed = (input: string): Tensor => {
      const values = toFloat32(tensors.get(input)!)
      const { shape } = tensors.get(input)!
      return integers.includes(input)
        ? new Tensor('int64', BigInt64Array.from([...values], BigInt), shape)
        : new Tensor('float32', values, shape)
    }
    const outputs = await session.run(
      Object.fromEntries(session.inputNames.map((input) => [input, feed(input)])),
    )
    for (const output of session.outputNames) {
      const computed = outputs[output] as Tensor
      const expected = tensors.get(output)!
      expect(computed.dims, `${name}: ${output}`).toEqual(expected.shape)
      const tolerance =
        path === ENCODERS.wasm ? OF_CODES : (ROUNDED[output as keyof typeof ROUNDED] ?? TOLERANCE)
      const apart = difference(computed.data as Float32Array, toFloat32(expected))
      expect(apart, `${name}: ${output}`).toBeLessThan(tolerance)
    }
  }
  await session.release()
})
