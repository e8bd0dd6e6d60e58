import { expect, test } from 'vitest'
import { leanOf } from '../../demo/lean'

const sizes = { staticDimensions: 2, capacity: 2 }
/** [own words | context | clock], of step 3 on: what is shown may begin in the middle of a conversation. */
const vectors = [
  [1, 0, 0, 0, 1],
  [0, 1, 0, 0, 1],
  [0.6, 0.8, 0, 0, 1],
  [0.8, 0.6, 0, 0.5, 1],
].map((vector) => new Float32Array(vector))

test('own words and context are compared with the turns the memory holds, nearest first', () => {
  const { context, staticNearest, contextNearest } = leanOf(6, vectors, 3, sizes)
  expect(context).toBeCloseTo(0.5)
  expect(staticNearest.map(({ step }) => step)).toEqual([5, 4])
  expect(staticNearest[0].likeness).toBeCloseTo(0.96)
  expect(contextNearest.map(({ step }) => step)).toEqual([4, 5])
  expect(contextNearest[0].likeness).toBeCloseTo(1)
})

test('a turn without context leans on nothing', () => {
  expect(leanOf(4, vectors, 3, sizes)).toMatchObject({ context: 0, contextNearest: [] })
  expect(leanOf(3, vectors, 3, sizes).staticNearest).toEqual([])
})
