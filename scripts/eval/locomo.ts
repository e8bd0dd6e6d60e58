/** LoCoMo (Maharana et al. 2024, arXiv 2402.17753) as records; the twin of `locomo` in training/data/evaluation.py. */

import type { EvaluationRecord, RecordQuery } from './record'

export type Grain = 'turns' | 'pairs'

/** Category 5 is adversarial: its questions have no answer in the conversation. */
const types: Partial<Record<number, string>> = {
  1: 'multi_hop',
  2: 'temporal',
  3: 'open_domain',
  4: 'single_hop',
}

interface Turn {
  speaker: string
  dia_id: string
  text: string
}

interface Question {
  question: string
  answer?: string | number
  /** Dialogue ids such as `D1:3`; a few are written `D8:6; D9:17` or `D:11:26`. */
  evidence?: string[]
  category: number
}

interface Sample {
  sample_id: string
  /** `session_<n>`: turns, `session_<n>_date_time`: `1:56 pm on 8 May, 2023`, and the speakers' names. */
  conversation: Record<string, Turn[] | string>
  qa: Question[]
}

/**
 * One record a conversation, with the questions of categories 1 to 4 whose evidence exists: 1,534 in all. (One more,
 * whose only evidence is written `D30:05`, is left out, as in the figures this is compared with.)
 * `pairs`: a segment is two consecutive turns of one session, a line each, below the session's date line.
 * `turns`: a segment is one turn; the first of a session stands below the date line.
 */
export function locomoRecords(samples: Sample[], grain: Grain): EvaluationRecord[] {
  if (!Array.isArray(samples)) throw new Error('not LoCoMo: the file must hold a list of conversations')
  return samples.map(({ sample_id, conversation, qa }, index) => {
    if (!conversation || !Array.isArray(qa))
      throw new Error(`not LoCoMo: entry ${index} has no conversation or no list qa`)
    const { segments, places } = readSessions(conversation, grain)
    const queries: RecordQuery[] = []
    for (const { question, answer, evidence = [], category } of qa) {
      const type = types[category]
      const named = evidence.flatMap(dialogueIds).flatMap((id) => places.get(id) ?? [])
      if (!type || named.length === 0) continue
      queries.push({
        text: question,
        evidence: [...new Set(named)].sort((a, b) => a - b),
        ...(answer === undefined ? {} : { answer: String(answer) }),
        type,
      })
    }
    return { id: `locomo/${sample_id}`, segments, queries }
  })
}

/** The segments, and which of them holds each turn. */
function readSessions(conversation: Sample['conversation'], grain: Grain) {
  const segments: string[] = []
  const places = new Map<string, number>()
  const size = grain === 'pairs' ? 2 : 1
  const sessions = Object.keys(conversation)
    .map((key) => Number(/^session_(\d+)$/.exec(key)?.[1]))
    .filter(Boolean)
    .sort((a, b) => a - b)
  for (const session of sessions) {
    const turns = conversation[`session_${session}`] as Turn[]
    const date = conversation[`session_${session}_date_time`] as string
    for (let start = 0; start < turns.length; start += size) {
      const group = turns.slice(start, start + size)
      for (const { dia_id } of group) places.set(dialogueIds(dia_id)[0], segments.length)
      const lines = group.map(({ speaker, text }) => `${speaker}: ${text.trim().replace(/\s+/g, ' ')}`)
      if (grain === 'pairs' || start === 0) lines.unshift(date)
      segments.push(lines.join('\n'))
    }
  }
  return { segments, places }
}

/** The ids in a text, as `session:turn`. */
function dialogueIds(text: string): string[] {
  return [...text.matchAll(/D\s*:?\s*(\d+)\s*:\s*(\d+)/g)].map(([, session, turn]) => `${session}:${turn}`)
}
