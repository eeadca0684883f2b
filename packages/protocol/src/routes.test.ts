import { expect, test } from 'vitest'
import { ROUTES, type RouteName } from './routes.ts'

const NAMES = Object.keys(ROUTES) as RouteName[]

test("the seed's two routes are the seed's", () => {
  expect([ROUTES.register, ROUTES.status].map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /agent/register',
    'POST /agent/status',
  ])
})

test('no two routes answer the same request', () => {
  const requests = NAMES.map((name) => `${ROUTES[name].method} ${ROUTES[name].path.replace(/:[^/]+/g, ':')}`)
  expect(new Set(requests).size).toBe(requests.length)
})

test.each(NAMES)('%s is under /api/v1 exactly if it is for operators: one rule guards them all', (name) => {
  expect(ROUTES[name].path.startsWith('/api/v1/')).toBe(ROUTES[name].who === 'operator')
})
