import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batches, unpad } from '../../src/batches'

const list = fc.int32Array({ minLength: 1, maxLength: 40, min: 0, max: 30000 })

test('every list is in one batch, whole, where its position says', () => {
  fc.assert(
    fc.property(fc.array(list), fc.nat(200), fc.nat(100), (lists, mostTokens, runTokens) => {
      const seen: Int32Array[] = []
      for (const { ids, lengths, columns, positions } of batches(lists, { mostTokens, runTokens })) {
        expect(lengths.length === 1 || ids.length <= mostTokens).toBe(true)
        positions.forEach((position, row) => {
          seen[position] = ids.slice(row * columns, row * columns + lengths[row])
          expect(
            ids.subarray(row * columns + lengths[row], (row + 1) * columns).every((id) => id === 0),
          ).toBe(true)
        })
      }
      expect(seen).toEqual(lists)
    }),
  )
})

test('what is computed of a batch comes back without its padding, where it belongs', () => {
  const lists = [[5, 6, 7], [8], [9, 10]].map((ids) => Int32Array.from(ids))
  const rows: Float32Array[] = []
  for (const batch of batches(lists, { mostTokens: 4, runTokens: 1 })) {
    const values = Float32Array.from([...batch.ids].flatMap((id) => [id, -id]))
    unpad(values, batch, 2, rows)
  }
  expect(rows).toEqual(
    [
      [5, -5, 6, -6, 7, -7],
      [8, -8],
      [9, -9, 10, -10],
    ].map((row) => Float32Array.from(row)),
  )
})

test('lists of like length share a batch', () => {
  const lists = [30, 2, 31, 3].map((length) => new Int32Array(length))
  expect(batches(lists, { mostTokens: 64, runTokens: 8 }).map(({ positions }) => [...positions])).toEqual([
    [1, 3],
    [0, 2],
  ])
})

test('no other cut costs less in padding and runs', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 7 })
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 40 }), fc.nat(20), (lengths, mostTokens, runTokens) => {
      const cost = (columns: number[][]) =>
        columns.reduce((sum, batch) => sum + batch.length * batch.at(-1)! + runTokens, 0)
      const fits = (batch: number[]) => batch.length === 1 || batch.length * batch.at(-1)! <= mostTokens
      const sorted = lengths.toSorted((a, b) => a - b)
      const least = Math.min(
        ...allCuts(sorted)
          .filter((cut) => cut.every(fits))
          .map(cost),
      )
      const made = batches(
        lengths.map((length) => new Int32Array(length)),
        { mostTokens, runTokens },
      )
      expect(cost(made.map((batch) => [...batch.lengths]))).toBe(least)
    }),
  )
})

/** Every way to cut a list into runs. */
function allCuts(list: number[]): number[][][] {
  if (!list.length) return [[]]
  return list.flatMap((_, i) => allCuts(list.slice(i + 1)).map((rest) => [list.slice(0, i + 1), ...rest]))
}

test('an empty list is refused by its place', () => {
  expect(() => batches([new Int32Array(1), new Int32Array(0)], { mostTokens: 64, runTokens: 8 })).toThrow(
    /tokens\[1\]/,
  )
})
