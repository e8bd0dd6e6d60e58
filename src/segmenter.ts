/** From what the caller gives to the segments that are read: checks, pairs, and parts of long texts. */

import { boundaries, type Grain } from './boundaries'
import { InvalidArgumentError, SegmentTooLongError } from './errors'
import type { Segment, SegmentInput, SegmentingOptions } from './protocol'

/** A segment that has no step yet. */
export type Draft = Omit<Segment, 'step'>

const MAX_ID = 256
/** Of the ids made from the caller's: `a+b` of a pair, and `~n` of its parts. */
const MAX_MADE_ID = 2 * MAX_ID + 16

/**
 * Checks the caller's segments and puts them in the form they are stored in; `stored`: they were, so ids are ours, and a
 * part may be blank. Throws InvalidArgumentError.
 */
export function drafts(inputs: SegmentInput[], stored = false): Draft[] {
  if (!Array.isArray(inputs)) throw new InvalidArgumentError('segments', inputs, 'an array of segments')
  const maxId = stored ? MAX_MADE_ID : MAX_ID
  return inputs.map((input, i) => {
    if (typeof input !== 'object' || input === null)
      throw new InvalidArgumentError(`segments[${i}]`, input, 'a segment')
    const { id, text, role, time, metadata } = input
    if (typeof id !== 'string' || !id || id.length > maxId)
      throw new InvalidArgumentError(`segments[${i}].id`, id, `a string of 1 to ${maxId} characters`)
    if (!(stored && 'part' in input && typeof text === 'string')) checkText(`segments[${i}].text`, text)
    if (role !== undefined && typeof role !== 'string')
      throw new InvalidArgumentError(`segments[${i}].role`, role, 'a string')
    const milliseconds = time instanceof Date ? time.getTime() : time
    if (milliseconds !== undefined && !isTime(milliseconds))
      throw new InvalidArgumentError(`segments[${i}].time`, time, 'a valid Date, or milliseconds since 1970')
    if (metadata) checkMetadata(`segments[${i}].metadata`, metadata)
    return {
      id,
      text,
      ...(role !== undefined && { role }),
      ...(milliseconds !== undefined && { time: milliseconds }),
      ...(metadata && { metadata: { ...metadata } }),
    }
  })
}

/** What an exported file can hold and a filter can be asked for: NaN, say, is neither. */
function checkMetadata(argument: string, metadata: unknown): void {
  if (Object.prototype.toString.call(metadata) !== '[object Object]')
    throw new InvalidArgumentError(argument, metadata, 'an object')
  for (const [key, value] of Object.entries(metadata as object))
    if (value !== null && !['string', 'boolean'].includes(typeof value) && !Number.isFinite(value))
      throw new InvalidArgumentError(`${argument}.${key}`, value, 'a string, finite number, boolean or null')
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
  [grain, ...finer]: Grain[],
): string[] | undefined {
  if (!grain) return undefined
  const ends = boundaries(text, grain)
  const pieces: string[] = []
  let [from, to] = [0, 0]
  for (let next = 0; next < ends.length;) {
    const more = most(ends.length - next, (count) => fits(text.slice(from, ends[next + count - 1])))
    if (more) to = ends[(next += more) - 1]
    else if (text.slice(from, to).trim()) {
      pieces.push(text.slice(from, to))
      from = to
    } else {
      const parts = cut(text.slice(from, ends[next]), fits, finer)
      if (!parts) return undefined
      for (const part of parts.slice(0, -1)) pieces.push(part)
      to = ends[next++]
      from = to - parts.at(-1)!.length
    }
  }
  return [...pieces, text.slice(from)]
}

/** The largest count up to `limit` that is good, where fewer than a good one are good too; in few trials. */
function most(limit: number, good: (count: number) => boolean): number {
  let count = 0
  let step = 1
  while (count + step <= limit && good(count + step)) {
    count += step
    step *= 2
  }
  for (step >>= 1; step; step >>= 1) if (count + step <= limit && good(count + step)) count += step
  return count
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
