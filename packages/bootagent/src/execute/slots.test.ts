import { expect, test } from 'vitest'
import { createSlots } from './slots.ts'

/** Pieces of work that last until they are told to end, and a diary of what has begun. */
function pieces(count: number) {
  const slots = createSlots(2)
  const begun: number[] = []
  const ends = Array.from({ length: count }, () => Promise.withResolvers<number>())
  const results = ends.map(({ promise }, n) =>
    slots.run(() => {
      begun.push(n)
      return promise
    }),
  )
  for (const result of results) result.catch(() => undefined)
  return { slots, begun, ends, results }
}

/** Lets all that can go on go on. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('no more work runs at once than there are slots', async () => {
  const { begun } = pieces(4)
  await turn()
  expect(begun).toEqual([0, 1])
})

test('what waits goes on in its order, one for each that ends', async () => {
  const { begun, ends } = pieces(4)
  ends[1]?.resolve(1)
  await turn()
  expect(begun).toEqual([0, 1, 2])
  ends[2]?.resolve(2)
  await turn()
  expect(begun).toEqual([0, 1, 2, 3])
})

test('work that fails gives its slot back, and its fault to whoever asked for it', async () => {
  const { begun, ends, results } = pieces(3)
  ends[0]?.reject(new Error('no such package'))
  await expect(results[0]).rejects.toThrow('no such package')
  await turn()
  expect(begun).toEqual([0, 1, 2])
})

test('work that fails before it has begun to wait gives its slot back too', async () => {
  const slots = createSlots(1)
  const failing = slots.run(() => {
    throw new Error('at once')
  })
  await expect(failing).rejects.toThrow('at once')
  expect(await slots.run(async () => 'the next')).toBe('the next')
})

test('slots are as many afterwards as before', async () => {
  const { slots, ends, results } = pieces(5)
  for (const [n, end] of ends.entries()) end.resolve(n)
  expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4])
  const begun: string[] = []
  for (const name of ['a', 'b', 'c']) {
    void slots.run(() => {
      begun.push(name)
      return new Promise(() => undefined)
    })
  }
  await turn()
  expect(begun).toEqual(['a', 'b'])
})
