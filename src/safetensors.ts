/** Reads the safetensors format (https://github.com/huggingface/safetensors): named tensors in one file. */

import { fromFloat16, toFloat16 } from './float16'
import { ModelCorruptError } from './errors'

/** One tensor, as a view of the file's bytes. */
export interface StoredTensor<Type = 'I8' | 'F16' | 'F32'> {
  dtype: Type
  shape: number[]
  bytes: Uint8Array<ArrayBuffer>
  /** Of I8, [rows]: its values are code times scale, rounded to f16 (docs/architecture.md, "Model folder"). */
  scales?: Float32Array
}

const WIDTHS = { I8: 1, F16: 2, F32: 4 }

/** As the reference implementation: a larger header is no header. */
const MAX_HEADER_BYTES = 100_000_000

/**
 * The tensors of a file by name. They are views: nothing is copied but the scales of I8 tensors.
 * @throws ModelCorruptError naming `file` (and the tensor) when the bytes are no safetensors of F16, F32 and I8 matrices
 * with finite F16 scales [rows, 1] beside them, `<name>.scales`.
 */
export function parseSafetensors(file: string, bytes: Uint8Array<ArrayBuffer>): Map<string, StoredTensor> {
  const refuse = (reason: string): never => {
    throw new ModelCorruptError(file, reason)
  }
  if (bytes.length < 8) refuse(`${bytes.length} bytes are too few for a header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = Number(view.getBigUint64(0, true))
  if (headerBytes > Math.min(MAX_HEADER_BYTES, bytes.length - 8))
    refuse(`its header claims ${headerBytes} bytes, the file has ${bytes.length}`)
  const start = 8 + headerBytes
  const data = bytes.subarray(start)

  const tensors = new Map<string, StoredTensor>()
  for (const [name, entry] of Object.entries(parseHeader(bytes.subarray(8, start), refuse))) {
    if (name === '__metadata__') continue
    const quoted = quote(name)
    if (!isEntry(entry))
      return refuse(`tensor ${quoted} lacks a dtype, shape or data_offsets of whole numbers`)
    const { dtype, shape, data_offsets: offsets } = entry
    if (!Object.hasOwn(WIDTHS, dtype))
      refuse(
        `tensor ${quoted} has dtype ${JSON.stringify(dtype)}; known are ${Object.keys(WIDTHS).join(', ')}`,
      )
    const width = WIDTHS[dtype as keyof typeof WIDTHS]
    const expected = shape.reduce((product, size) => product * size, width)
    const [from, to] = offsets
    if (from > to || to > data.length)
      refuse(`tensor ${quoted} lies at ${from}..${to} of ${data.length} bytes`)
    if (to - from !== expected)
      refuse(`tensor ${quoted} of shape [${shape}] has ${to - from} bytes, not ${expected}`)
    tensors.set(name, { dtype: dtype as StoredTensor['dtype'], shape, bytes: data.subarray(from, to) })
  }
  for (const [name, tensor] of tensors) {
    if (tensor.dtype !== 'I8') continue
    const quoted = quote(name)
    if (tensor.shape.length !== 2) refuse(`tensor ${quoted} is I8 of shape [${tensor.shape}], no matrix`)
    const found = tensors.get(`${name}.scales`)
    const given = found ? `${found.dtype} [${found.shape}]` : 'missing'
    const wanted = `F16 [${tensor.shape[0]},1]`
    if (given !== wanted) return refuse(`the scales of tensor ${quoted} are ${given}, not ${wanted}`)
    tensor.scales = toFloat32(found!)
    if (!tensor.scales.every(Number.isFinite)) refuse(`the scales of tensor ${quoted} are not finite`)
  }
  return tensors
}

/** A tensor's values as f32. */
export function toFloat32(tensor: StoredTensor): Float32Array<ArrayBuffer> {
  return areHalves(tensor) ? fromFloat16(toHalves(tensor)) : new Float32Array(copy(tensor))
}

/** Whether f16 holds its values exactly. */
export function areHalves(tensor: StoredTensor): tensor is StoredTensor<'I8' | 'F16'> {
  return tensor.dtype !== 'F32'
}

/** A tensor's values as f16 bits. */
export function toHalves(tensor: StoredTensor<'I8' | 'F16'>): Uint16Array<ArrayBuffer> {
  const { dtype, shape, scales } = tensor
  if (dtype === 'F16') return new Uint16Array(copy(tensor))
  const values = new Float32Array(new Int8Array(copy(tensor)))
  scales!.forEach((scale, row) => {
    for (let i = row * shape[1]; i < (row + 1) * shape[1]; i++) values[i] *= scale
  })
  return toFloat16(values)
}

const quote = (name: string) => JSON.stringify(name.slice(0, 100))

function copy({ bytes }: StoredTensor): ArrayBuffer {
  return bytes.slice().buffer
}

function parseHeader(bytes: Uint8Array, refuse: (reason: string) => never): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return refuse('its header is not JSON')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return refuse('its header is not a JSON object')
  return header as Record<string, unknown>
}

interface Entry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  const { dtype, shape, data_offsets: offsets } = value as Partial<Entry>
  return typeof dtype === 'string' && isSizes(shape) && isSizes(offsets) && offsets.length === 2
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
}
