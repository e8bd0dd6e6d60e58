import { expect, test } from 'vitest'
import { Template } from '../../src/template'
import manifest from '../fixtures/tiny-model/evo.json'
import cases from '../fixtures/templates.json'

const template = new Template(manifest.template)

test.each(cases)('segment $segment', ({ segment, rendered }) =>
  expect(template.segment(segment)).toBe(rendered),
)

test('a query is its text', () => expect(template.query('Where {role}?')).toBe('Where {role}?'))
