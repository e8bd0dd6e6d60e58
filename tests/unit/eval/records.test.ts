import { describe, expect, test } from 'vitest'
import { locomoRecords } from '../../../scripts/eval/locomo'
import { parseRecords } from '../../../scripts/eval/record'
import { referenceRecord } from '../../../scripts/eval/reference'

describe('record lines', () => {
  const query = { text: 'Where?', evidence: [1] }
  const line = (record: object) =>
    JSON.stringify({ id: 'a', segments: ['x', 'y'], queries: [query], ...record })

  test('good lines are read, with or without a byte order mark, blank lines and carriage returns', () => {
    const { records, errors } = parseRecords(
      'f',
      `\uFEFF${line({})}\r\n\r\n${line({ id: 'b', queries: [] })}\n`,
    )
    expect(errors).toEqual([])
    expect(records.map(({ id, queries }) => [id, queries.length])).toEqual([
      ['a', 1],
      ['b', 0],
    ])
  })

  test.each([
    ['{"id": "a"', /^f:2: .*JSON/],
    ['[]', 'f:2: not an object: []'],
    [line({ id: 7 }), 'f:2: id must be a text, not 7'],
    [line({ segments: [] }), 'f:2: segments must be a list of texts, not []'],
    [line({ segments: ['x', ' '] }), 'f:2: segment 1 must be a text, not " "'],
    [line({ queries: {} }), 'f:2: queries must be a list, not {}'],
    [line({ queries: [query, { ...query, text: '' }] }), 'f:2: query 1: text must be a text, not ""'],
    [
      line({ queries: [{ text: 'q' }] }),
      'f:2: query 0: evidence must be a list of segment indices, not absent',
    ],
    [
      line({ queries: [{ ...query, evidence: [0, 2] }] }),
      'f:2: query 0: evidence has 2: segments are 0 to 1',
    ],
    [
      line({ queries: [{ ...query, evidence: ['1'] }] }),
      'f:2: query 0: evidence has "1": segments are 0 to 1',
    ],
    [line({ queries: [{ ...query, among: [-1] }] }), 'f:2: query 0: among has -1: segments are 0 to 1'],
    [line({ queries: [{ ...query, type: 3 }] }), 'f:2: query 0: type must be a text, not 3'],
  ])('%s is told by file and line, and the others are still read', (bad, message) => {
    const { records, errors } = parseRecords('f', [line({}), bad, line({ id: 'c' })].join('\n'))
    expect(records.map(({ id }) => id)).toEqual(['a', 'c'])
    expect(errors).toHaveLength(1)
    expect(errors[0].message).toMatch(message)
  })
})

describe('LoCoMo', () => {
  const turn = (dia_id: string, speaker: string, text: string) => ({ dia_id, speaker, text })
  const sample = {
    sample_id: 'conv-1',
    conversation: {
      speaker_a: 'Ann',
      speaker_b: 'Bo',
      session_10_date_time: '9 pm on 2 May, 2023',
      session_10: [turn('D10:1', 'Bo', 'Ten.')],
      session_2_date_time: '1 pm on 1 May, 2023',
      session_2: [
        turn('D2:1', 'Ann', ' Hi  there '),
        turn('D2:2', 'Bo', 'Two.'),
        turn('D2:3', 'Ann', 'Three.'),
      ],
      session_3_date_time: 'a date without a session',
    },
    qa: [
      { question: 'q0', answer: 2022, evidence: ['D2:2; D10:1'], category: 1 },
      { question: 'q1', answer: 'a', evidence: ['D:2:1', 'D', 'D9:9'], category: 2 },
      { question: 'q2', answer: 'a', evidence: [], category: 3 },
      { question: 'q3', answer: 'a', evidence: ['D9:9'], category: 4 },
      { question: 'q4', evidence: ['D2:1'], category: 5 },
    ],
  }

  test('pairs stand below the date line, and never cross sessions', () => {
    expect(locomoRecords([sample], 'pairs')).toEqual([
      {
        id: 'locomo/conv-1',
        segments: [
          '1 pm on 1 May, 2023\nAnn: Hi there\nBo: Two.',
          '1 pm on 1 May, 2023\nAnn: Three.',
          '9 pm on 2 May, 2023\nBo: Ten.',
        ],
        queries: [
          { text: 'q0', answer: '2022', evidence: [0, 2], type: 'multi_hop' },
          { text: 'q1', answer: 'a', evidence: [0], type: 'temporal' },
        ],
      },
    ])
  })

  test('of single turns, the first of a session stands below the date line', () => {
    const [{ segments, queries }] = locomoRecords([sample], 'turns')
    expect(segments).toEqual([
      '1 pm on 1 May, 2023\nAnn: Hi there',
      'Bo: Two.',
      'Ann: Three.',
      '9 pm on 2 May, 2023\nBo: Ten.',
    ])
    expect(queries.map(({ evidence }) => evidence)).toEqual([[1, 3], [0]])
  })
})

describe('the format of the reference', () => {
  const instance = {
    messages: [
      { role: 'user', content: 'No seafood, please.' },
      { role: 'assistant', content: "Try Mama's." },
      { role: 'user', content: 'What did I rule out?' },
      { role: 'assistant', content: 'Seafood.' },
    ],
    meta: {
      turns: ["User: No seafood, please.\nAssistant: Try Mama's.", 'What did I rule out?'],
      evidence_turns: [0],
    },
  }

  test('the last turn is the query, the last message its answer', () => {
    expect(referenceRecord(instance, 'r/0')).toEqual({
      id: 'r/0',
      segments: [instance.meta.turns[0]],
      queries: [{ text: 'What did I rule out?', evidence: [0], answer: 'Seafood.' }],
    })
  })

  test('the query itself cannot be evidence', () => {
    const meta = { ...instance.meta, evidence_turns: [1] }
    expect(() => referenceRecord({ ...instance, meta }, 'r/0')).toThrow('evidence has 1: segments are 0 to 0')
    expect(() => referenceRecord({ messages: [] }, 'r/0')).toThrow('meta.turns must be a list')
  })
})
