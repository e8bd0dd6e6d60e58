/** What an exported file claims, and whether that can be: nothing of a file is used before it was looked at here. */

import { CorruptDataError, NewerFormatError } from './errors'
import { drafts, type Draft } from './segmenter'
import { show } from './show'
import type { Records, Widths } from './chunks'

/** 1: no tokens. */
export const FORMAT = 2

/** Of a body, unpacked: more would not fit a tab. */
export const MAX_BODY_BYTES = 2 ** 31

/** DEFLATE makes nothing smaller than this. */
const MAX_RATIO = 1032

/** The largest f16: no value of a vector comes near it, and products of two stay finite. */
const MAX_VALUE = 65504

export interface Header {
  format: number
  name: string
  space: string
  /** Segments. */
  step: number
  widths: Widths
  compressed: boolean
  /** `tokens`: of their codes. */
  bytes: { segments: number; embeddings: number; latents: number; tokens: number }
}

/** Bytes of the body's parts: segments, embeddings, latents, lengths of the segments' tokens, their codes. */
export function partSizes({ format, step, bytes }: Pick<Header, 'format' | 'step' | 'bytes'>): number[] {
  return [bytes.segments, bytes.embeddings, bytes.latents, format > 1 ? 4 * step : 0, bytes.tokens]
}

export function refuse(reason: string): never {
  throw new CorruptDataError('the exported file', reason)
}

/** @throws CorruptDataError naming the field that is not what it must be, NewerFormatError */
export function checkHeader(value: unknown, packedBytes: number): Header {
  const header = fields(value, 'its header')
  const format = size(header.format, 'format')
  if (format > FORMAT) throw new NewerFormatError('the exported file', format, FORMAT)
  const { embedding, latent, token } = fields(header.widths, 'widths')
  const { segments, embeddings, latents, tokens } = fields(header.bytes, 'bytes')
  const ofTokens = (value: unknown, what: string) => (format > 1 ? size(value, what) : 0)
  const checked: Header = {
    format,
    name: text(header.name, 'name'),
    space: text(header.space, 'space'),
    step: size(header.step, 'step'),
    widths: {
      embedding: size(embedding, 'widths.embedding'),
      latent: size(latent, 'widths.latent'),
      token: ofTokens(token, 'widths.token'),
    },
    compressed: header.compressed === true,
    bytes: {
      segments: size(segments, 'bytes.segments'),
      embeddings: size(embeddings, 'bytes.embeddings'),
      latents: size(latents, 'bytes.latents'),
      tokens: ofTokens(tokens, 'bytes.tokens'),
    },
  }
  const { step, widths, bytes } = checked
  if (bytes.embeddings !== step * widths.embedding * 4)
    refuse(`${bytes.embeddings} bytes of embeddings do not fit ${step} steps`)
  if (bytes.latents !== step * widths.latent * 2)
    refuse(`${bytes.latents} bytes of latents do not fit ${step} steps`)
  const claimed = partSizes(checked).reduce((sum, size) => sum + size)
  const possible = Math.min(MAX_BODY_BYTES, packedBytes * (checked.compressed ? MAX_RATIO : 1))
  if (claimed > possible) refuse(`its body claims ${claimed} bytes, at most ${possible} can be in it`)
  return checked
}

/** @throws CorruptDataError unless these are segments that could have been read, each id once, parts in order */
export function checkSegments(value: unknown, step: number): Draft[] {
  if (!Array.isArray(value)) return refuse(`its segments are ${show(value, 80)}`)
  if (value.length !== step) refuse(`it has ${value.length} segments, not ${step}`)
  const ids = new Set<string>()
  const checked = checkedDrafts(value)
  for (const [i, draft] of checked.entries()) {
    const part = checkPart(value[i].part, checked[i - 1])
    if (part) draft.part = part
    for (const id of part?.index === 0 ? [draft.id, part.of] : [draft.id]) {
      if (ids.has(id)) refuse(`id ${show(id)} is there twice`)
      ids.add(id)
    }
  }
  return checked
}

/** @throws CorruptDataError where a value is none that a model gives: not finite, or huge */
export function checkVectors({ embeddings, latents }: Pick<Records, 'embeddings' | 'latents'>): void {
  const wrong = embeddings.findIndex((value) => !(Math.abs(value) <= MAX_VALUE))
  if (wrong >= 0) refuse(`value ${wrong} of its embeddings is ${embeddings[wrong]}`)
  const infinite = latents.findIndex((bits) => (bits & 0x7c00) === 0x7c00)
  if (infinite >= 0) refuse(`value ${infinite} of its latents is not finite`)
}

/** Codes of each segment's tokens. Throws CorruptDataError unless all lengths are whole tokens, together all codes. */
export function splitTokens(
  codes: Uint8Array<ArrayBuffer>,
  lengths: Uint32Array,
  width: number,
): Int8Array[] {
  let end = 0
  const tokens = Array.from(lengths, (length, i) => {
    if (width ? length % width : length)
      refuse(`${length} bytes of tokens of segment ${i} are not vectors of ${width}`)
    const start = end
    end += length
    return new Int8Array(codes.slice(start, end).buffer)
  })
  if (end !== codes.length) refuse(`its tokens have ${codes.length} bytes, not ${end}`)
  return tokens
}

function checkedDrafts(segments: any[]): Draft[] {
  try {
    return drafts(segments, true)
  } catch (error) {
    return refuse((error as Error).message)
  }
}

function checkPart(value: unknown, before: Draft | undefined): Draft['part'] {
  if (value === undefined) return undefined
  const part = fields(value, 'a part')
  const checked = {
    of: text(part.of, 'part.of'),
    index: size(part.index, 'part.index'),
    count: size(part.count, 'part.count'),
  }
  const follows = before?.part?.of === checked.of && before.part.index === checked.index - 1
  if (checked.index >= checked.count || (checked.index > 0 && !follows))
    refuse(`part ${checked.index} of ${checked.count} of ${show(checked.of)} is out of place`)
  return checked
}

function fields(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`${what} is ${show(value, 80)}, not an object`)
  return value as Record<string, unknown>
}

function text(value: unknown, what: string): string {
  return typeof value === 'string' && value ? value : refuse(`${what} is ${show(value, 80)}, not a text`)
}

function size(value: unknown, what: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse(`${what} is ${show(value, 80)}, not a whole number`)
}
