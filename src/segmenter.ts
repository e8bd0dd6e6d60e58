/** From what the caller gives to the segments that are read: checks, pairs, and parts of long texts. */

import { InvalidArgumentError, SegmentTooLongError } from './errors'
import type { Segment, SegmentInput, SegmentingOptions } from './protocol'

/** A segment that has no step yet. */
export type Draft = Omit<Segment, 'step'>

const MAX_ID = 256

/** Checks the caller's segments and puts them in the form they are stored in. Throws InvalidArgumentError. */
export function drafts(inputs: SegmentInput[]): Draft[] {
  if (!Array.isArray(inputs)) throw new InvalidArgumentError('segments', inputs, 'an array of segments')
  return inputs.map((input, i) => {
    const { id, text, role, time, metadata } = input
    if (typeof id !== 'string' || !id || id.length > MAX_ID)
      throw new InvalidArgumentError(`segments[${i}].id`, id, `a string of 1 to ${MAX_ID} characters`)
    checkText(`segments[${i}].text`, text)
    if (role !== undefined && typeof role !== 'string')
      throw new InvalidArgumentError(`segments[${i}].role`, role, 'a string')
    const milliseconds = time instanceof Date ? time.getTime() : time
    if (milliseconds !== undefined && !isTime(milliseconds))
      throw new InvalidArgumentError(`segments[${i}].time`, time, 'a valid Date, or milliseconds since 1970')
    for (const [key, value] of Object.entries(metadata ?? {}))
      if (value !== null && !['string', 'number', 'boolean'].includes(typeof value))
        throw new InvalidArgumentError(
          `segments[${i}].metadata.${key}`,
          value,
          'a string, number, boolean or null',
        )
    return {
      id,
      text,
      ...(role !== undefined && { role }),
      ...(milliseconds !== undefined && { time: milliseconds }),
      ...(metadata && { metadata: { ...metadata } }),
    }
  })
}

/** A Date holds up to 8.64e15 milliseconds either side of 1970. */
function isTime(milliseconds: unknown): boolean {
  return typeof milliseconds === 'number' && Math.abs(milliseconds) <= 8.64e15
}

export function checkText(argument: string, text: unknown): void {
  if (typeof text !== 'string' || !text.trim())
    throw new InvalidArgumentError(argument, text, 'a text that is not blank')
}

/** Every two consecutive turns as one segment on two lines: the time of the first, the metadata of both. */
export function pairs(turns: Draft[]): Draft[] {
  const line = ({ role, text }: Draft) => (role ? `${role}: ${text}` : text)
  const merged: Draft[] = []
  for (let i = 0; i < turns.length; i += 2) {
    const [first, second] = [turns[i], turns[i + 1]]
    if (!second) merged.push(first)
    else
      merged.push({
        id: `${first.id}+${second.id}`,
        text: `${line(first)}\n${line(second)}`,
        ...(first.time !== undefined && { time: first.time }),
        ...((first.metadata || second.metadata) && { metadata: { ...second.metadata, ...first.metadata } }),
      })
  }
  return merged
}

/** How the model reads. */
export interface Reading {
  maxTokens: number
  /** Tokens of a segment as the encoder gets them: rendered, special tokens included. */
  encode(draft: Draft): Int32Array
}

/**
 * The draft itself where it fits the encoder, else its parts. The parts' texts joined are the text: nothing is cut off.
 * Throws SegmentTooLongError where `longSegments` is 'refuse', or role and time alone leave no room.
 */
export function split(
  draft: Draft,
  reading: Reading,
  longSegments: SegmentingOptions['longSegments'] = 'split',
): Draft[] {
  const tokens = reading.encode(draft).length
  if (tokens <= reading.maxTokens) return [draft]
  const tooLong = new SegmentTooLongError(draft.id, tokens, reading.maxTokens)
  if (longSegments === 'refuse') throw tooLong
  const fits = (text: string) => reading.encode({ ...draft, text }).length <= reading.maxTokens
  const texts = cut(draft.text, fits, ['sentence', 'word', 'grapheme'])
  if (!texts) throw tooLong
  return texts.map((text, i) => ({
    ...draft,
    id: `${draft.id}~${i + 1}`,
    text,
    part: { of: draft.id, index: i, count: texts.length },
  }))
}

/** As few pieces that fit as a greedy walk gives, cut at the coarsest grain that will do; undefined if none does. */
function cut(
  text: string,
  fits: (text: string) => boolean,
  [grain, ...finer]: ('sentence' | 'word' | 'grapheme')[],
): string[] | undefined {
  if (!grain) return undefined
  const pieces: string[] = []
  let piece = ''
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: grain }).segment(text)) {
    if (fits(piece + segment)) {
      piece += segment
      continue
    }
    if (piece) pieces.push(piece)
    if (fits(segment)) {
      piece = segment
      continue
    }
    const parts = cut(segment, fits, finer)
    if (!parts) return undefined
    pieces.push(...parts.slice(0, -1))
    piece = parts.at(-1)!
  }
  return [...pieces, piece]
}

/** Stored segments as they were given: parts joined again. */
export function originals(segments: Draft[]): Draft[] {
  const whole: Draft[] = []
  for (const { part, ...segment } of segments) {
    if (!part) whole.push(segment)
    else if (part.index === 0) whole.push({ ...segment, id: part.of })
    else whole.at(-1)!.text += segment.text
  }
  return whole
}
