/**
 * An exported conversation as one file, little-endian:
 *
 *     "evoembed" [8] | length of the header [4] | header, JSON | body, gzip or plain | SHA-256 of all before [32]
 *
 * The body is the segments as JSON, the embeddings (f32), the latents (f16 bits), how many bytes of tokens each segment
 * has (u32), and these (8-bit codes), one behind the other. Format 1 ends with the latents.
 */

import { Gunzip, Gzip } from 'fflate'
import { CorruptDataError, InvalidArgumentError } from './errors'
import {
  checkHeader,
  checkSegments,
  checkVectors,
  FORMAT,
  MAX_BODY_BYTES,
  partSizes,
  refuse,
  splitTokens,
  type Header,
} from './exportHeader'
import { heed } from './heed'
import type { Task } from './host'
import { bytesOf, type Records } from './chunks'

const MAGIC = new TextEncoder().encode('evoembed')
const HASH_BYTES = 32
/** Bytes in which the body is packed and unpacked: an abort is heard between two. What one unpacks to is held at once. */
const PIECE = { export: 1 << 20, import: 1 << 16 }

export interface Exported extends Pick<Header, 'name' | 'space' | 'widths'> {
  records: Records
}

/** Throws InvalidArgumentError for a conversation that is too large for a file. */
export async function encodeFile(
  { name, space, widths, records }: Exported,
  compress: boolean,
  task: Task,
): Promise<Blob> {
  const segments = new TextEncoder().encode(JSON.stringify(records.segments))
  const lengths = Uint32Array.from(records.tokens, ({ length }) => length)
  const codes = joinBytes(records.tokens.map(bytesOf))
  const body = [segments, bytesOf(records.embeddings), bytesOf(records.latents), bytesOf(lengths), codes]
  const size = body.reduce((sum, { length }) => sum + length, 0)
  if (size > MAX_BODY_BYTES)
    throw new InvalidArgumentError('conversation', name, `up to ${MAX_BODY_BYTES} bytes, it has ${size}`)
  const header: Header = {
    format: FORMAT,
    name,
    space,
    step: records.segments.length,
    widths,
    compressed: compress,
    bytes: {
      segments: segments.length,
      embeddings: records.embeddings.byteLength,
      latents: records.latents.byteLength,
      tokens: codes.length,
    },
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
  if (bodyStart > content.length) refuse('its header is longer than the file')
  const packed = content.subarray(bodyStart)
  const header = checkHeader(parse(content.subarray(start, bodyStart)), packed.length)
  const { name, space, step, widths } = header
  const sizes = partSizes(header)
  const size = sizes.reduce((sum, size) => sum + size)
  const body = header.compressed
    ? joinBytes(await pump(new Gunzip(), [packed], task, 'import', size))
    : packed
  if (body.length !== size) refuse(`its body has ${body.length} bytes, not ${size}`)

  let end = 0
  const [segments, embeddings, latents, lengths, codes] = sizes.map((size) =>
    body.subarray(end, (end += size)),
  )
  const tokenBytes = header.format > 1 ? new Uint32Array(lengths.slice().buffer) : new Uint32Array(step)
  const records: Records = {
    segments: checkSegments(parse(segments), step),
    // Copied: a view of wider values must begin at a multiple of theirs.
    embeddings: new Float32Array(embeddings.slice().buffer),
    latents: new Uint16Array(latents.slice().buffer),
    tokens: splitTokens(codes, tokenBytes, widths.token),
  }
  checkVectors(records)
  return { name, space, widths, records }
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
  const step = PIECE[phase]
  let done = 0
  for (const [i, part] of parts.entries())
    for (let at = 0; at < part.length || (at === 0 && i === parts.length - 1); at += step) {
      await heed(signal)
      const piece = part.subarray(at, at + step)
      push(stream, piece, i === parts.length - 1 && at + step >= part.length)
      progress({ phase, done: (done += piece.length), total, unit: 'bytes' })
    }
  return packed
}

function push(stream: Gzip | Gunzip, piece: Uint8Array, last: boolean): void {
  try {
    stream.push(piece, last)
  } catch (error) {
    throw error instanceof CorruptDataError ? error : refuse(`its body cannot be unpacked: ${error}`)
  }
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch (error) {
    return refuse((error as Error).message)
  }
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
