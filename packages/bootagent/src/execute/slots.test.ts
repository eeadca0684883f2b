import { expect, test } from 'vitest'
import { createSlots } from './slots.ts'

const signalOf = (controller = new AbortController()) => controller.signal

/** Pieces of work that last until they are told to end, and a diary of what has begun. */
function pieces(count: number) {
  const slots = createSlots(2)
  const begun: number[] = []
  const ends = Array.from({ length: count }, () => Promise.withResolvers<number>())
  const leaving = ends.map(() => new AbortController())
  const results = ends.map(({ promise }, n) =>
    slots.run(() => {
      begun.push(n)
      return promise
    }, signalOf(leaving[n])),
  )
  for (const result of results) result.catch(() => undefined)
  return { slots, begun, ends, results, leaving }
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
  }, signalOf())
  await expect(failing).rejects.toThrow('at once')
  expect(await slots.run(async () => 'the next', signalOf())).toBe('the next')
})

test('work that leaves while it waits is not done, and those behind it move up', async () => {
  const { begun, ends, results, leaving } = pieces(4)
  leaving[2]?.abort(new Error('called off'))
  await expect(results[2]).rejects.toThrow('called off')
  ends[0]?.resolve(0)
  await turn()
  expect(begun).toEqual([0, 1, 3])
})

test('work that leaves before it has come takes no slot', async () => {
  const slots = createSlots(1)
  await expect(slots.run(async () => 'done', AbortSignal.abort(new Error('called off')))).rejects.toThrow('called off')
  expect(await slots.run(async () => 'the next', signalOf())).toBe('the next')
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
    }, signalOf())
  }
  await turn()
  expect(begun).toEqual(['a', 'b'])
})
