import { describe, expect, test } from 'vitest'
import { Contents } from '../../src/contents'
import { InvalidArgumentError } from '../../src/errors'
import type { Manifest } from '../../src/manifest'
import type { SearchOptions } from '../../src/protocol'
import { checkSearchOptions, search, type Means, type Scope } from '../../src/search'
import type { Draft } from '../../src/segmenter'

const shape = { dimensions: 3, d: 2, K: 1 }
const manifest = {
  d: 2,
  rerank: { candidates: 3, floor: 0.4 },
  fusion: { lexicalWeight: 0.25 },
  late: { weight: 1.5, reach: 2, yields: 0.5 },
  calibration: { evolved: { slope: 2, intercept: -1 }, static: { slope: 4, intercept: 0 } },
} as Manifest

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/** A conversation whose segments have these vectors [3], and one token each, of one code. */
function contentsOf(rows: number[][], segments: Partial<Draft>[] = [], codes: number[] = []): Contents {
  const contents = new Contents(shape, ({ text }) => text)
  contents.push({
    segments: rows.map((_, i) => ({ id: `m${i}`, text: `text ${i}`, ...segments[i] })),
    embeddings: Float32Array.from(rows.flat()),
    // f16 bits of 1 and 2, times the step.
    latents: Uint16Array.from(rows.flatMap(() => [0x3c00, 0x4000])),
    tokens: rows.map((_, i) => Int8Array.of(codes[i] ?? 0)),
  })
  return contents
}

/** One token, which finds a code as it is, and remembers nothing. */
const late = { vectors: Float32Array.of(1), weights: Float32Array.of(1), decays: Float32Array.of(0) }

function scopeOf(contents: Contents, more: Partial<Scope> = {}): Scope {
  const query = {
    vector: Float32Array.of(1, 0, 1),
    reliance: 0,
    rows: new Float32Array(2),
    late,
    states: new Float32Array(6),
  }
  return { conversation: 'chat', contents, step: contents.count, ...query, ...more }
}

/** No lexical match, and no reranking but what is given. */
const means = (rerank: Means['rerank'] = async () => expect.unreachable()): Means => ({
  lexical: () => expect.unreachable(),
  rerank,
})

const plain = { mode: 'evolved', rerank: false } as const
const rows = [
  [0.1, 0, 0.9],
  [0.5, 0, 0],
  [0.4, 9, 0.4],
  [0.2, 0, 0],
]

describe('modes', () => {
  test('evolved: the whole dot product, calibrated', async () => {
    const hits = await search([scopeOf(contentsOf(rows))], plain, manifest, means())
    expect(hits.map(({ step }) => step)).toEqual([0, 2, 1, 3])
    expect(hits[1].score).toBeCloseTo(sigmoid(2 * 0.8 - 1), 6)
    expect(hits[1]).toMatchObject({ conversation: 'chat', id: 'm2', text: 'text 2' })
    expect([hits[1].staticScore, hits[1].evolvedScore].map((x) => x.toFixed(6))).toEqual([
      '0.400000',
      '0.800000',
    ])
  })

  test('static: the first d dimensions, by their own calibration', async () => {
    const options = { mode: 'static' } as const
    const hits = await search([scopeOf(contentsOf(rows))], options, manifest, means())
    expect(hits.map(({ step }) => step)).toEqual([1, 2, 3, 0])
    expect(hits[0].score).toBeCloseTo(sigmoid(4 * 0.5), 6)
  })

  test.each([
    [0, 0.25],
    [0.6, 0.1],
    [1, 0],
  ])('hybrid: z-scores mixed, in the units of the evolved scores; reliance %d', async (reliance, share) => {
    const lexical = [0, 0, 0, 4]
    const evolved = [1, 0.5, 0.8, 0.2]
    const moments = (values: number[]) => {
      const mean = values.reduce((a, b) => a + b) / 4
      return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 4) }
    }
    const [e, l] = [moments(evolved), moments(lexical)]
    const fused = evolved.map(
      (x, i) => ((1 - share) * (x - e.mean)) / e.deviation + (share * (lexical[i] - l.mean)) / l.deviation,
    )
    const hits = await search([scopeOf(contentsOf(rows), { reliance })], { rerank: false }, manifest, {
      ...means(),
      lexical: () => [Float32Array.from(lexical)],
    })
    const expected = [0, 1, 2, 3].sort((a, b) => fused[b] - fused[a])
    expect(hits.map(({ step }) => step)).toEqual(expected)
    hits.forEach(({ step, score }) =>
      expect(score).toBeCloseTo(sigmoid(2 * (e.mean + e.deviation * fused[step]) - 1), 5),
    )
  })
})

describe('late interaction', () => {
  const codes = [0, 127, 0, 127]
  const told = contentsOf(rows, [], codes)
  const noneMatch = (...contents: Contents[]) => ({
    ...means(),
    lexical: () => contents.map(({ count }) => new Float32Array(count)),
  })
  // z of the candidates 0, 2 and 1: 1.14, 0.16, -1.30 by the fused score, -0.71, -0.71, 1.41 by late interaction.
  const x = (weight: number) => [
    1.1355 - 0.7071 * weight,
    -1.2977 + 1.4142 * weight,
    0.1622 - 0.7071 * weight,
  ]

  test.each([
    [0.5, 0, [1, 0, 2, 3]],
    [0.5, 0.4, [1, 0, 2, 3]],
    [0.5, 0.5, [0, 1, 2, 3]],
    [0.5, 1, [0, 1, 2, 3]],
    [0.25, 0.9, [1, 0, 2, 3]],
    [0.25, 1, [0, 1, 2, 3]],
  ])(
    'the top candidates change places, less the more the query relies on the memory; yields %d, reliance %d',
    async (yields, reliance, steps) => {
      const yielding = { ...manifest, late: { ...manifest.late, yields } }
      const options = { rerank: false } as const
      const scope = scopeOf(told, { reliance })
      const hits = await search([scope], options, yielding, noneMatch(told))
      expect(hits.map(({ step }) => step)).toEqual(steps)
      const untold = contentsOf(rows)
      const unmoved = await search([{ ...scope, contents: untold }], options, yielding, noneMatch(untold))
      expect(unmoved.map(({ step }) => step)).toEqual([0, 2, 1, 3])
      expect(hits.map(({ score }) => score)).toEqual(unmoved.map(({ score }) => score))
      // A hit that is not a candidate is not lifted, and one that is asked for alone is one still.
      expect(await search([scope], { ...options, topK: 1 }, yielding, noneMatch(told))).toEqual(
        hits.slice(0, 1),
      )
    },
  )

  test('what was said before a segment counts for it, too', async () => {
    const remembering = scopeOf(told, { late: { ...late, decays: Float32Array.of(0.9) } })
    const options = { mode: 'evolved', rerank: false } as const
    const steps = async (scope: Scope) =>
      (await search([scope], options, manifest, means())).map(({ step }) => step)
    // z of the candidates 0, 2 and 1: 1.14, 0.16, -1.30; late 0, 0, 127 by themselves, 0, 114, 127 in memory.
    expect(await steps(scopeOf(told))).toEqual([1, 0, 2, 3])
    expect(await steps(remembering)).toEqual([2, 1, 0, 3])
  })

  test('a segment that a filter leaves out counts for those after it', async () => {
    const roles = ['Bob', 'Ana', 'Bob', 'Bob'].map((role) => ({ role }))
    const contents = contentsOf(rows, roles, [0, 127, 0, 0])
    const steps = async (decay: number) => {
      const scope = scopeOf(contents, { late: { ...late, decays: Float32Array.of(decay) } })
      const hits = await search([scope], { ...plain, roles: ['Bob'] }, manifest, means())
      return hits.map(({ step }) => step)
    }
    // z of the candidates 0, 2 and 3: 0.98, 0.39, -1.37; late 0, 114, 103 in memory.
    expect(await steps(0)).toEqual([0, 2, 3])
    expect(await steps(0.9)).toEqual([2, 3, 0])
  })

  test('at an earlier step, later segments count for nothing', async () => {
    const at = async (contents: Contents) => {
      const seen: Parameters<Means['rerank']>[0][] = []
      const rerank: Means['rerank'] = async (candidates) => {
        seen.push(candidates)
        return candidates.scores
      }
      const scope = scopeOf(contents, { step: 3, late: { ...late, decays: Float32Array.of(0.9) } })
      const hits = await search([scope], { mode: 'evolved', rerank: true }, manifest, means(rerank))
      return { hits, seen }
    }
    const then = await at(contentsOf(rows.slice(0, 3), [], [0, 60, 0]))
    expect(then.hits).toHaveLength(3)
    expect(await at(contentsOf(rows, [], [0, 60, 0, 127]))).toEqual(then)
  })

  test.each(['static'] as const)('%s: nothing changes but what the reranker is told', async (mode) => {
    const seen: Parameters<Means['rerank']>[0][] = []
    const rerank: Means['rerank'] = async (candidates) => {
      seen.push(candidates)
      return candidates.scores
    }
    const untold = await search([scopeOf(contentsOf(rows))], { mode }, manifest, means())
    expect(await search([scopeOf(told)], { mode }, manifest, means())).toEqual(untold)
    expect(await search([scopeOf(told)], { mode, rerank: true }, manifest, means(rerank))).toEqual(untold)
    const among = [...seen[0].steps].map((step) => codes[step])
    const mean = among.reduce((a, b) => a + b) / 3
    expect(seen[0].late).toHaveLength(3)
    seen[0].late.forEach((z, i) => expect(Math.sign(z)).toBe(Math.sign(among[i] - mean)))
  })

  test('the reranker reads what the candidates were ordered by, and late interaction, as z-scores', async () => {
    const seen: Parameters<Means['rerank']>[0][] = []
    const rerank: Means['rerank'] = async (candidates) => {
      seen.push(candidates)
      return candidates.scores
    }
    const hits = await search([scopeOf(told)], {}, manifest, { ...noneMatch(told), rerank })
    expect(hits.map(({ step }) => step)).toEqual([1, 0, 2, 3])
    const deviation = Math.sqrt(x(1.5).reduce((sum, value) => sum + value ** 2, 0) / 3)
    x(1.5).forEach((value, i) => expect(seen[0].scores[i]).toBeCloseTo(value / deviation, 3))
    ;[-0.7071, 1.4142, -0.7071].forEach((z, i) => expect(seen[0].late[i]).toBeCloseTo(z, 3))
  })

  test('the reranker reads what each token finds, by itself and with what stands before it, none at the ends', async () => {
    const seen: Parameters<Means['rerank']>[0][] = []
    const rerank: Means['rerank'] = async (candidates) => {
      seen.push(candidates)
      return candidates.scores
    }
    const half = { ...late, decays: Float32Array.of(0.5) }
    const scope = scopeOf(contentsOf(rows.slice(0, 3), [], [127, 0, 0]), { late: half })
    await search([scope], { mode: 'evolved', rerank: true }, manifest, means(rerank))
    expect([...seen[0].steps]).toEqual([0, 1, 2])
    const [alone, remembered] = [
      [1, 0, 0],
      [1, 0.5, 0.25],
    ]
    expect([...seen[0].found]).toEqual([...alone, ...remembered].flatMap((value) => [0, value, 0]))
  })

  test('of several conversations all candidates are compared, each by its own reliance', async () => {
    const [a, b] = [
      contentsOf(
        [
          [0.9, 0, 0],
          [0.5, 0, 0],
        ],
        [],
        [0, 127],
      ),
      contentsOf(
        [
          [0.7, 0, 0],
          [0.1, 0, 0],
        ],
        [],
        [127, 127],
      ),
    ]
    const scopes = [scopeOf(a, { conversation: 'a' }), scopeOf(b, { conversation: 'b', reliance: 1 })]
    const alone = { ...manifest, fusion: { lexicalWeight: 0 } }
    const hits = await search(scopes, { rerank: false }, alone, noneMatch(a, b))
    // a 0: 1.22 - 1.5 · 1.41, b 0: 0, a 1: -1.22 + 1.5 · 0.71
    expect(hits.map(({ conversation, step }) => `${conversation} ${step}`)).toEqual([
      'b 0',
      'a 1',
      'a 0',
      'b 1',
    ])
  })

  test('equals: the newer step first', async () => {
    const same = contentsOf(Array(4).fill([1, 0, 0]), [], [9, 127, 127, 9])
    const hits = await search([scopeOf(same)], { rerank: false }, manifest, noneMatch(same))
    expect(hits.map(({ step }) => step)).toEqual([2, 1, 3, 0])
  })
})

test('equals: the newer step first', async () => {
  const contents = contentsOf([
    [1, 0, 0],
    [1, 0, 0],
    [1, 0, 0],
  ])
  const hits = await search([scopeOf(contents)], plain, manifest, means())
  expect(hits.map(({ step }) => step)).toEqual([2, 1, 0])
})

describe('what is in scope', () => {
  const contents = contentsOf(rows, [
    { role: 'Ana', time: 10, metadata: { topic: 'bees', year: 1 } },
    { role: 'Bob', time: 20, metadata: { topic: 'bees', year: 2 } },
    { role: 'Ana', time: 30, metadata: { topic: 'boats', year: 2 } },
    {},
  ])
  test.each<[SearchOptions, number[]]>([
    [{ roles: ['Ana'] }, [0, 2]],
    [{ roles: ['Ana', 'Bob'] }, [0, 2, 1]],
    [{ since: 20 }, [2, 1]],
    [{ since: new Date(30) }, [2]],
    [{ filter: { topic: 'bees' } }, [0, 1]],
    [{ filter: { topic: 'bees', year: 2 } }, [1]],
    [{ filter: { year: [1, 3] } }, [0]],
    [{ filter: { missing: null } }, []],
    [{ topK: 2 }, [0, 2]],
    [{ minScore: sigmoid(2 * 0.6 - 1) }, [0, 2]],
    [{ minScore: 1 }, []],
  ])('%j', async (options, steps) => {
    const hits = await search([scopeOf(contents)], { ...plain, ...options }, manifest, means())
    expect(hits.map(({ step }) => step)).toEqual(steps)
  })

  test('before a step, and only these', async () => {
    const early = await search([scopeOf(contents, { step: 2 })], plain, manifest, means())
    expect(early.map(({ step }) => step)).toEqual([0, 1])
    const some = await search([scopeOf(contents, { only: new Set([3, 1]) })], plain, manifest, means())
    expect(some.map(({ step }) => step)).toEqual([1, 3])
  })
})

describe('rerank', () => {
  test('the top candidates are read by step, reordered, and the rest keeps its order; scores fall', async () => {
    const seen: Parameters<Means['rerank']>[0][] = []
    const rerank: Means['rerank'] = async (candidates) => {
      seen.push(candidates)
      return Float32Array.from(candidates.steps, (step) => step)
    }
    const options = { mode: 'evolved', rerank: true } as const
    const contents = contentsOf(rows)
    const scope = scopeOf(contents, { reliance: 0.5 })
    const hits = await search([scope], options, manifest, means(rerank))
    const unranked = await search([scopeOf(contents)], plain, manifest, means())
    expect(hits.map(({ step }) => step)).toEqual([2, 1, 0, 3])
    expect(hits.map(({ score }) => score)).toEqual(unranked.map(({ score }) => score))

    expect(seen).toHaveLength(1)
    const [{ steps, scores, late, found, embeddings, latents, ...query }] = seen
    expect([...steps]).toEqual([0, 1, 2])
    expect([...embeddings]).toEqual([...Float32Array.from(rows.slice(0, 3).flat())])
    expect([...latents]).toEqual([1, 2, 1, 2, 1, 2])
    expect([...late]).toEqual([0, 0, 0])
    expect([...found]).toEqual(new Array(2 * 3 * 3).fill(0))
    expect(query).toEqual({
      query: scope.vector,
      trust: 0.7,
      queryStep: 4,
      queryRows: scope.rows,
      queryStates: scope.states,
    })
    expect(scores.reduce((a, b) => a + b)).toBeCloseTo(0, 5)
    expect(scores.reduce((sum, x) => sum + x * x, 0) / 3).toBeCloseTo(1, 5)
  })

  test('of several conversations, each reorders its own places', async () => {
    const [a, b] = [
      contentsOf([
        [0.9, 0, 0],
        [0.5, 0, 0],
      ]),
      contentsOf([
        [0.7, 0, 0],
        [0.1, 0, 0],
      ]),
    ]
    const trusted: number[] = []
    const rerank: Means['rerank'] = async ({ steps, trust }) => {
      trusted.push(trust)
      return Float32Array.from(steps, (step) => step)
    }
    const scopes = [
      scopeOf(a, { conversation: 'a', reliance: 0 }),
      scopeOf(b, { conversation: 'b', reliance: 1 }),
    ]
    const options = { mode: 'evolved', rerank: true } as const
    const all = { ...manifest, rerank: { candidates: 4, floor: 0.4 } }
    const hits = await search(scopes, options, all, means(rerank))
    expect(hits.map(({ conversation, step }) => [conversation, step])).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 0],
      ['b', 0],
    ])
    expect(trusted).toEqual([0.4, 1])
  })
})

test.each<[string, SearchOptions]>([
  ['topK', { topK: 0 }],
  ['topK', { topK: 1.5 }],
  ['mode', { mode: 'semantic' as 'static' }],
  ['minScore', { minScore: 2 }],
  ['since', { since: new Date('never') }],
  ['roles', { roles: 'Ana' as unknown as string[] }],
])('%s is refused by name in %j', (argument, options) => {
  expect(() => checkSearchOptions(options)).toThrow(InvalidArgumentError)
  expect(() => checkSearchOptions(options)).toThrow(argument)
})
