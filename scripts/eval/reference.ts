/** The training format of the paper's reference implementation (MiG-NJU/EvoEmbedding, README "Data Structure"). */

import { checkRecord, type EvaluationRecord } from './record'

/**
 * One instance as a record: `meta.turns` are the segments, but the last, which is the query;
 * `meta.evidence_turns` its evidence; the last of `messages`, when the assistant's, the answer.
 * @throws naming the part that is missing or wrong.
 */
export function referenceRecord(instance: any, id: string): EvaluationRecord {
  const turns = instance?.meta?.turns
  if (!Array.isArray(turns) || turns.length < 2)
    throw new Error('meta.turns must be a list of texts, the last of them the query')
  const last = Array.isArray(instance.messages) ? instance.messages.at(-1) : undefined
  const answer = last?.role === 'assistant' ? { answer: last.content } : {}
  const query = { text: turns.at(-1), evidence: instance.meta.evidence_turns, ...answer }
  return checkRecord({ id, segments: turns.slice(0, -1), queries: [query] })
}
