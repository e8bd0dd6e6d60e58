/** Turns a pasted or loaded text into conversations: JSON lines, chat lines, or paragraphs. Pure. */

import type { SegmentInput } from '../src/protocol'
import { show } from '../src/show'
import { parseTime, toMilliseconds, writesDayFirst, type WallTime } from './parseTime'

/** A question to a conversation; `evidence` are the steps of the turns that answer it, where known. */
export interface Question {
  text: string
  evidence?: number[]
}

export interface ParsedConversation {
  /** The record's id, where it has one. */
  name?: string
  segments: SegmentInput[]
  questions: Question[]
}

/** A text that is none of the formats; the message says where and what is allowed. */
export class ParseError extends Error {
  override name = 'ParseError'
}

/**
 * What a text holds, told from the text alone:
 * - JSON: an array or lines of records `{ id, segments, queries }` (a conversation each), or of turns
 *   `{ role?, text, time? }` (one conversation);
 * - chat: lines `Name: text`, with or without a date or time before them, and lines that are a date;
 * - paragraphs otherwise, split at empty lines, or at every line where there are none.
 *
 * Throws ParseError.
 */
export function parseConversations(source: string): ParsedConversation[] {
  const text = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  if (!text.trim()) throw new ParseError('The text is empty: give chat lines, paragraphs or JSON lines.')
  if (/^\s*(\{|\[\s*\{)/.test(text)) return parseJson(text)
  return [{ segments: parseChat(text) ?? parseParagraphs(text), questions: [] }]
}

function parseJson(text: string): ParsedConversation[] {
  const entries = jsonEntries(text)
  const records = entries.filter(({ value }) => 'segments' in value)
  if (records.length === 0)
    return [{ segments: entries.map(({ value, where }) => turn(value, where)), questions: [] }]
  if (records.length < entries.length) {
    const other = entries.find(({ value }) => !('segments' in value))!
    throw new ParseError(`${other.where} has no "segments", though other lines have: give one format a file.`)
  }
  return records.map(({ value, where }) => record(value, where))
}

/** Milliseconds either side of 1970 that a Date holds. */
const MAX_TIME = 8.64e15

type Entry = { value: Record<string, unknown>; where: string }

function jsonEntries(text: string): Entry[] {
  const whole = tryJson(text)
  if (whole !== undefined)
    return [whole]
      .flat()
      .map((value, i) => ({ value: object(value, `Entry ${i + 1}`), where: `Entry ${i + 1}` }))
  return text.split('\n').flatMap((line, i) => {
    if (!line.trim()) return []
    const value = tryJson(line)
    if (value === undefined) throw new ParseError(`Line ${i + 1} is no JSON: ${show(line, 60)}`)
    return [{ value: object(value, `Line ${i + 1}`), where: `Line ${i + 1}` }]
  })
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new ParseError(`${where} is ${show(value, 60)}: an object is needed.`)
}

function turn(value: Record<string, unknown>, where: string): SegmentInput {
  const text = value.text ?? value.content
  if (typeof text !== 'string' || !text.trim())
    throw new ParseError(`${where} has no "text": ${show(value, 60)}`)
  const segment: SegmentInput = { text }
  if (typeof value.id === 'string') segment.id = value.id
  if (typeof value.role === 'string' && value.role) segment.role = value.role
  if (value.time != null) {
    const time = typeof value.time === 'string' ? Date.parse(value.time) : value.time
    if (!(typeof time === 'number' && Math.abs(time) <= MAX_TIME))
      throw new ParseError(`${where}: the time ${show(value.time, 60)} is neither ISO 8601 nor milliseconds.`)
    segment.time = time
  }
  return segment
}

function record(value: Record<string, unknown>, where: string): ParsedConversation {
  const { id, segments, queries = [] } = value
  if (!Array.isArray(segments) || segments.length === 0 || !Array.isArray(queries))
    throw new ParseError(`${where}: "segments" must be a list of texts and "queries" a list.`)
  return {
    name: typeof id === 'string' ? id : undefined,
    segments: segments.map((segment, i) =>
      turn(
        typeof segment === 'string' ? { text: segment } : object(segment, where),
        `${where}, segment ${i}`,
      ),
    ),
    questions: queries.map((query) => question(object(query, where), where, segments.length)),
  }
}

function question({ text, evidence }: Record<string, unknown>, where: string, count: number): Question {
  if (typeof text !== 'string') throw new ParseError(`${where}: a query has no "text".`)
  if (evidence === undefined) return { text }
  if (!Array.isArray(evidence) || !evidence.every((i) => Number.isInteger(i) && i >= 0 && i < count))
    throw new ParseError(`${where}: evidence ${show(evidence, 60)} is not in 0..${count - 1}.`)
  return { text, evidence }
}

const STAMP = String.raw`(?:\[(?<bracketed>[^\]]{4,40})\]|(?<bare>\d[\d:./\-, T]{3,22}(?:[ap]\.?m\.?)?))\s*(?:[-–]\s*)?`
const SPEAKER = String.raw`(?<role>\p{L}[\p{L}\p{M}\p{N} .'’_()-]{0,39}?)\s?:\s+(?<text>\S.*)`
const SPOKEN = new RegExp(`^\\s*(?:${STAMP})?${SPEAKER}$`, 'iu')
const STAMPED = new RegExp(`^\\s*${STAMP}(?<text>\\S.*)$`, 'iu')

/** Turns of a text whose lines are mostly `Name: text`, a line without a name going on the turn before it. */
function parseChat(text: string): SegmentInput[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim())
  const spoken = lines.filter((line) => SPOKEN.test(line)).length
  const dates = lines.filter((line) => parseTime(line)).length
  if (spoken === 0 || spoken < (lines.length - dates) / 2) return undefined

  const dayFirst = writesDayFirst(lines.map((line) => line.slice(0, 40)))
  const turns: SegmentInput[] = []
  let day: WallTime['day']
  let clock: WallTime['clock']
  for (const line of lines) {
    const heading = parseTime(line, dayFirst)
    if (heading) {
      day = heading.day ?? day
      clock = heading.clock
      continue
    }
    const groups = (SPOKEN.exec(line) ?? STAMPED.exec(line))?.groups
    const stamp = parseTime(groups?.bracketed ?? groups?.bare ?? '', dayFirst)
    const last = turns.at(-1)
    if (!groups || (!groups.role && !stamp?.day)) {
      if (last) last.text += '\n' + line.trim()
      else turns.push({ text: line.trim() })
      continue
    }
    day = stamp?.day ?? day
    clock = stamp ? stamp.clock : clock
    const time = toMilliseconds({ day, clock })
    turns.push({
      text: groups.text.trim(),
      ...(groups.role && { role: groups.role.trim() }),
      ...(time !== undefined && { time }),
    })
  }
  return turns
}

function parseParagraphs(text: string): SegmentInput[] {
  const separator = /\n\s*\n/.test(text.trim()) ? /\n\s*\n/ : /\n/
  return text
    .split(separator)
    .map((paragraph) => ({ text: paragraph.replace(/\s+/g, ' ').trim() }))
    .filter(({ text }) => text)
}
