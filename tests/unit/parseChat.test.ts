import { describe, expect, test } from 'vitest'
import sample from '../../demo/sample.json'
import { ParseError, parseConversations } from '../../demo/parseChat'

const turns = (text: string) => parseConversations(text)[0].segments
const utc = (...parts: [number, number, number, number?, number?]) =>
  Date.UTC(parts[0], parts[1] - 1, ...(parts.slice(2) as [number]))

describe('chat lines', () => {
  test('names become roles, a line without a name goes on the turn before it', () => {
    expect(turns('Ana: Hello there\nBo: Hi: how are you?\nand the dog?\n\nAna: Fine.')).toEqual([
      { role: 'Ana', text: 'Hello there' },
      { role: 'Bo', text: 'Hi: how are you?\nand the dog?' },
      { role: 'Ana', text: 'Fine.' },
    ])
  })

  test('a date line dates the turns after it', () => {
    const text = '8 May, 2023\nAna: One\n[14:05] Bo: Two\n--- Monday, June 12, 2023 ---\nAna: Three'
    expect(turns(text).map(({ time }) => time)).toEqual([
      utc(2023, 5, 8),
      utc(2023, 5, 8, 14, 5),
      utc(2023, 6, 12),
    ])
  })

  test('a date line as the model itself renders it', () => {
    expect(turns('1:56 pm on 8 May, 2023\nAna: One')[0].time).toBe(utc(2023, 5, 8, 13, 56))
  })

  test.each([
    ['[31/12/2024, 09:15:30] Ana: Hi', Date.UTC(2024, 11, 31, 9, 15, 30)],
    ['12/31/24, 9:15 PM - Ana: Hi', utc(2024, 12, 31, 21, 15)],
    ['2024-05-01 13:45 Ana: Hi', utc(2024, 5, 1, 13, 45)],
    ['[2024-05-01T13:45] Ana: Hi', utc(2024, 5, 1, 13, 45)],
    ['01.05.2024, 00:05 - Ana: Hi', utc(2024, 5, 1, 0, 5)],
  ])('the stamp of %s', (line, time) => {
    expect(turns(line)).toEqual([{ role: 'Ana', text: 'Hi', time }])
  })

  test('one unmistakable date settles the order of day and month for the whole text', () => {
    const text = '3/4/2024, 10:00 - Ana: One\n3/25/2024, 10:00 - Bo: Two'
    expect(turns(text).map(({ time }) => time)).toEqual([utc(2024, 3, 4, 10), utc(2024, 3, 25, 10)])
  })

  test('a stamped notice nobody spoke is a turn without a role', () => {
    const text = '1/5/2024, 10:00 - Ana joined the group\n1/5/2024, 10:01 - Ana: Hi'
    expect(turns(text)[0]).toEqual({ text: 'Ana joined the group', time: utc(2024, 5, 1, 10) })
  })

  test('an impossible date is text, not a date', () => {
    expect(turns('Ana: One\n31 February 2024')).toEqual([{ role: 'Ana', text: 'One\n31 February 2024' }])
  })

  test('the sample conversation survives being written as a chat', () => {
    const text = sample.turns
      .map(({ time, role, text }) => `[${time.replace('T', ' ').replace('Z', '')}] ${role}: ${text}`)
      .join('\n')
    expect(turns(text)).toEqual(sample.turns.map((turn) => ({ ...turn, time: Date.parse(turn.time) })))
  })
})

describe('paragraphs', () => {
  test('are split at empty lines and unwrapped', () => {
    expect(turns('A first\nparagraph.\n\n  \nNote: a second.\n')).toEqual([
      { text: 'A first paragraph.' },
      { text: 'Note: a second.' },
    ])
  })

  test('are the lines where no line is empty', () => {
    expect(turns('\uFEFFOne.\r\nTwo, see https://example.org/a.\r\n')).toEqual([
      { text: 'One.' },
      { text: 'Two, see https://example.org/a.' },
    ])
  })
})

describe('JSON', () => {
  test('lines of turns are one conversation', () => {
    const text =
      '{"role":"Ana","text":"Hi","time":"2024-05-01T10:00:00Z","id":"m1"}\n\n{"text":"Ho","time":5}'
    expect(turns(text)).toEqual([
      { id: 'm1', role: 'Ana', text: 'Hi', time: utc(2024, 5, 1, 10) },
      { text: 'Ho', time: 5 },
    ])
  })

  test('records are a conversation each, with their questions', () => {
    const one = '{"id":"a","segments":["x","y"],"queries":[{"text":"q","evidence":[1],"type":"t"}]}'
    expect(parseConversations(`${one}\n{"segments":["z"]}`)).toEqual([
      { name: 'a', segments: [{ text: 'x' }, { text: 'y' }], questions: [{ text: 'q', evidence: [1] }] },
      { name: undefined, segments: [{ text: 'z' }], questions: [] },
    ])
  })

  test('an array over several lines is read as a whole', () => {
    expect(turns('[\n  {"role": "Ana", "content": "Hi"}\n]')).toEqual([{ role: 'Ana', text: 'Hi' }])
  })

  test.each([
    ['', /empty/],
    ['{"text":"a"}\n{oops', /Line 2 is no JSON: "{oops"/],
    ['{"text":"a"}\n{"role":"b"}', /Line 2 has no "text": {"role":"b"}/],
    ['{"text":"a"}\n7', /Line 2 is 7: an object/],
    ['{"text":"a","time":"noon"}', /the time "noon"/],
    ['{"segments":["a"]}\n{"text":"b"}', /Line 2 has no "segments"/],
    ['{"segments":["a"],"queries":[{"text":"q","evidence":[1]}]}', /evidence \[1\] is not in 0\.\.0/],
  ])('%j is refused with its place', (text, message) => {
    expect(() => parseConversations(text)).toThrow(ParseError)
    expect(() => parseConversations(text)).toThrow(message)
  })
})

test('every suggested question of the sample names a turn that exists', () => {
  for (const { text, evidence } of sample.questions)
    for (const step of evidence) expect(sample.turns[step], text).toBeDefined()
})
