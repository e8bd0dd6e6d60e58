import { expect, test } from 'vitest'
import { table } from '../../shaders/table'
import { twins } from './twins'

const files = import.meta.glob<string>('../../shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
})

test.each(Object.entries(table))('%s: the table says what the WGSL says', (name, line) => {
  const code = files[`../../shaders/${name}.wgsl`]
  expect(line.code.endsWith(code), 'the op is the last file of its code').toBe(true)

  const bindings = [...code.matchAll(/@group\(0\) @binding\((\d+)\) var<(.+?)> (\w+):/g)]
  expect(bindings.map(([, number, access, binding]) => [Number(number), access, binding])).toEqual([
    [0, 'uniform', 'constants'],
    ...[...line.reads, ...line.writes].map((binding, i) => [
      i + 1,
      i < line.reads.length ? 'storage, read' : 'storage, read_write',
      binding,
    ]),
  ])

  const struct = /struct Constants \{([^}]*)\}/.exec(code)![1]
  expect([...struct.matchAll(/(\w+): [ui]32,/g)].map(([, field]) => field)).toEqual(line.constants)

  const ones = Object.fromEntries(line.constants.map((field) => [field, 1]))
  const overrides = [...code.matchAll(/^override (\w+):/gm)].map(([, override]) => override)
  const { overrides: given = () => ({}) } = line as { overrides?: (c: typeof ones) => object }
  expect(Object.keys(given(ones))).toEqual(overrides)
  expect(code.match(/@compute @workgroup_size\(\w+\)\nfn main\(/g)).toHaveLength(1)
})

test('every op has a CPU twin, every shader is in the table', () => {
  expect(Object.keys(twins)).toEqual(Object.keys(table))
  const used = Object.values(table).map((line) => line.code)
  for (const [path, code] of Object.entries(files))
    expect(
      used.some((all) => all.includes(code)),
      path,
    ).toBe(true)
})
