import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batches } from '../../src/batches'

const list = fc.int32Array({ minLength: 1, maxLength: 40, min: 0, max: 30000 })

test('every list is in one batch, whole, where its position says', () => {
  fc.assert(
    fc.property(fc.array(list), fc.integer({ min: 1, max: 200 }), (lists, batchTokens) => {
      const seen: Int32Array[] = []
      for (const { ids, lengths, columns, positions } of batches(lists, batchTokens)) {
        expect(lengths.length === 1 || ids.length <= batchTokens).toBe(true)
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

test('lists of like length share a batch', () => {
  const lists = [30, 2, 31, 3].map((length) => new Int32Array(length))
  expect(batches(lists, 64).map(({ positions }) => [...positions])).toEqual([
    [1, 3],
    [0, 2],
  ])
})

test('an empty list is refused by its place', () => {
  expect(() => batches([new Int32Array(1), new Int32Array(0)], 64)).toThrow(/tokens\[1\]/)
})
