import { expect, test } from 'vitest'
import { verdictOf } from '../../scripts/audit/verdict'

/** As npm 10 prints it, shortened. */
const report = (...severities: string[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(severities.map((severity) => [`is-${severity}`, { severity }])),
    metadata: {},
  })

test.each<[string, unknown]>([
  [report(), { kind: 'clean' }],
  [report('low', 'moderate'), { kind: 'clean' }],
  [report('low', 'high'), { kind: 'found', packages: ['is-high (high)'] }],
  [report('critical'), { kind: 'found', packages: ['is-critical (critical)'] }],
  [
    '{"message":"405 Method Not Allowed","statusCode":405,"error":{"summary":"","detail":""}}',
    { kind: 'unreachable', reason: '405 Method Not Allowed' },
  ],
  [
    '{"error":{"code":"ENOTFOUND","summary":"no such host"}}',
    { kind: 'unreachable', reason: 'no such host' },
  ],
])('%s', (output, verdict) => expect(verdictOf(output)).toEqual(verdict))

test.each(['', 'npm crashed', '{}'])('%j is no verdict', (output) =>
  expect(() => verdictOf(output)).toThrow(),
)
