/**
 * An exported conversation as one file, little-endian:
 *
 *     "evoembed" [8] | length of the header [4] | header, JSON | body, gzip or plain | SHA-256 of all before [32]
 *
 * The body is the segments as JSON, the embeddings (f32), the latents (f16 bits), one behind the other.
 */

import { Gunzip, Gzip } from 'fflate'
import { CorruptDataError, NewerFormatError } from './errors'
import { heed } from './heed'
import type { Task } from './host'
import { drafts, type Draft } from './segmenter'
import type { Records, Widths } from './chunks'

const FORMAT = 1
const MAGIC = new TextEncoder().encode('evoembed')
const HASH_BYTES = 32
/** Pieces in which the body is packed: an abort is heard between two. */
const PIECE = 1 << 20

interface Header {
  format: number
  name: string
  space: string
  /** Segments. */
  step: number
  widths: Widths
  compressed: boolean
  bytes: { segments: number; embeddings: number; latents: number }
}

export interface Exported extends Pick<Header, 'name' | 'space' | 'widths'> {
  records: Records
}

export async function encodeFile(
  { name, space, widths, records }: Exported,
  compress: boolean,
  task: Task,
): Promise<Blob> {
  const segments = new TextEncoder().encode(JSON.stringify(records.segments))
  const body = [segments, bytesOf(records.embeddings), bytesOf(records.latents)]
  const header: Header = {
    format: FORMAT,
    name,
    space,
    step: records.segments.length,
    widths,
    compressed: compress,
    bytes: { segments: body[0].length, embeddings: body[1].length, latents: body[2].length },
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, json.length, true)
  const packed = compress ? await pump(new Gzip({ level: 1 }), body, task, 'export') : body
  const content = joinBytes([MAGIC, length, json, ...packed])
  return new Blob([content, await sha256(content)], { type: 'application/octet-stream' })
}

/** Verifies all of the file before it gives any. Throws CorruptDataError, NewerFormatError. */
export async function decodeFile(file: Blob, task: Task): Promise<Exported> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const start = MAGIC.length + 4
  if (bytes.length < start + HASH_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte))
    refuse('it is not an exported conversation')
  const content = bytes.subarray(0, bytes.length - HASH_BYTES)
  const hash = await sha256(content)
  if (hash.some((byte, i) => byte !== bytes[content.length + i]))
    refuse('its SHA-256 is not the one it carries')

  const bodyStart = start + new DataView(bytes.buffer).getUint32(MAGIC.length, true)
  const header = parse<Header>(content.subarray(start, bodyStart))
  if (header.format > FORMAT) throw new NewerFormatError('the exported file', header.format, FORMAT)
  const { name, space, step, widths, compressed } = header
  const sizes = [header.bytes.segments, header.bytes.embeddings, header.bytes.latents]
  const size = sizes.reduce((a, b) => a + b)
  const packed = content.subarray(bodyStart)
  const body = compressed
    ? joinBytes(await pump(new Gunzip(), [packed], task, 'import', size))
    : packed.slice()
  if (body.length !== size) refuse(`its body has ${body.length} bytes, not ${size}`)

  const [a, b] = [sizes[0], sizes[0] + sizes[1]]
  const segments = parse<Draft[]>(body.subarray(0, a))
  if (segments.length !== step) refuse(`it has ${segments.length} segments, not ${step}`)
  if (sizes[1] !== step * widths.embedding * 4)
    refuse(`${sizes[1]} bytes of embeddings do not fit ${step} steps`)
  if (sizes[2] !== step * widths.latent * 2) refuse(`${sizes[2]} bytes of latents do not fit ${step} steps`)
  try {
    drafts(segments)
  } catch (error) {
    refuse((error as Error).message)
  }
  const embeddings = new Float32Array(body.slice(a, b).buffer)
  const latents = new Uint16Array(body.slice(b).buffer)
  return { name, space, widths, records: { segments, embeddings, latents } }
}

/** Sends parts through (de)compression piece by piece. Refuses more than `limit` bytes. */
async function pump(
  stream: Gzip | Gunzip,
  parts: Uint8Array[],
  { signal, progress }: Task,
  phase: 'export' | 'import',
  limit = Infinity,
): Promise<Uint8Array[]> {
  const packed: Uint8Array[] = []
  let size = 0
  stream.ondata = (chunk: Uint8Array) => {
    size += chunk.length
    if (size > limit) refuse(`its body unpacks to more than ${limit} bytes`)
    packed.push(chunk)
  }
  const total = parts.reduce((sum, { length }) => sum + length, 0)
  let done = 0
  for (const [i, part] of parts.entries())
    for (let at = 0; at < part.length || (at === 0 && i === parts.length - 1); at += PIECE) {
      await heed(signal)
      const piece = part.subarray(at, at + PIECE)
      stream.push(piece, i === parts.length - 1 && at + PIECE >= part.length)
      progress({ phase, done: (done += piece.length), total, unit: 'bytes' })
    }
  return packed
}

function refuse(reason: string): never {
  throw new CorruptDataError('the exported file', reason)
}

function parse<T>(json: Uint8Array): T {
  try {
    return JSON.parse(new TextDecoder().decode(json)) as T
  } catch (error) {
    return refuse((error as Error).message)
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

export function joinBytes(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}
