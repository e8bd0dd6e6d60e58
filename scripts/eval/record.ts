/** The record format of training and evaluation data: JSON lines, one conversation or document a line. */

import { show } from '../../src/show'

export interface RecordQuery {
  text: string
  /** Indices of the segments that answer it. */
  evidence: number[]
  answer?: string
  type?: string
  /** Indices of the segments that compete. */
  among?: number[]
}

export interface EvaluationRecord {
  id: string
  /** In reading order, roles and times already rendered into them. */
  segments: string[]
  queries: RecordQuery[]
}

/** A line that is no record: `message` is `file:line: what is wrong`. */
export class RecordError extends Error {
  override name = 'RecordError'
}

/** The records of a JSON-lines text, and an error for each line that is none. Blank lines are skipped. */
export function parseRecords(file: string, text: string) {
  const records: EvaluationRecord[] = []
  const errors: RecordError[] = []
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue
    try {
      records.push(checkRecord(JSON.parse(line)))
    } catch (error) {
      errors.push(new RecordError(`${file}:${index + 1}: ${(error as Error).message}`))
    }
  }
  return { records, errors }
}

/** @throws RecordError naming the first thing that is wrong. */
export function checkRecord(value: unknown): EvaluationRecord {
  if (!isObject(value)) throw new RecordError(`not an object: ${shown(value)}`)
  const { id, segments, queries = [] } = value
  if (!isText(id)) throw new RecordError(`id must be a text, not ${shown(id)}`)
  if (!Array.isArray(segments) || segments.length === 0)
    throw new RecordError(`segments must be a list of texts, not ${shown(segments)}`)
  for (const [index, segment] of segments.entries())
    if (!isText(segment)) throw new RecordError(`segment ${index} must be a text, not ${shown(segment)}`)
  if (!Array.isArray(queries)) throw new RecordError(`queries must be a list, not ${shown(queries)}`)
  return {
    id,
    segments,
    queries: queries.map((query, index) => checkQuery(query, `query ${index}`, segments.length)),
  }
}

function checkQuery(value: unknown, place: string, segments: number): RecordQuery {
  if (!isObject(value)) throw new RecordError(`${place} must be an object, not ${shown(value)}`)
  const { text, evidence, answer, type, among } = value
  if (!isText(text)) throw new RecordError(`${place}: text must be a text, not ${shown(text)}`)
  const query: RecordQuery = { text, evidence: checkIndices(evidence, `${place}: evidence`, segments) }
  for (const [name, given] of Object.entries({ answer, type })) {
    if (given === undefined || given === null) continue
    if (typeof given !== 'string')
      throw new RecordError(`${place}: ${name} must be a text, not ${shown(given)}`)
    query[name as 'answer' | 'type'] = given
  }
  if (among !== undefined && among !== null) query.among = checkIndices(among, `${place}: among`, segments)
  return query
}

function checkIndices(value: unknown, place: string, segments: number): number[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new RecordError(`${place} must be a list of segment indices, not ${shown(value)}`)
  for (const index of value)
    if (!Number.isInteger(index) || index < 0 || index >= segments)
      throw new RecordError(`${place} has ${shown(index)}: segments are 0 to ${segments - 1}`)
  return value
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const shown = (value: unknown) => (value === undefined ? 'absent' : show(value, 60))
