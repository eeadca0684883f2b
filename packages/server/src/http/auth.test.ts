import { expect, test } from 'vitest'
import { isLoopback, refuseOpenDoor } from './auth.ts'

test.each(['127.0.0.1', '127.8.8.8', 'localhost', 'LOCALHOST', '::1', '[::1]'])('%s is this very machine', (name) => {
  expect(isLoopback(name)).toBe(true)
})

test.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example', 'xlocalhost', ''])(
  '%s may be another machine',
  (name) => {
    expect(isLoopback(name)).toBe(false)
  },
)

test('a server that others reach starts only with a token', () => {
  expect(() => refuseOpenDoor('0.0.0.0', undefined)).toThrow('--token-file')
  expect(() => refuseOpenDoor('0.0.0.0', 'secret')).not.toThrow()
  expect(() => refuseOpenDoor('127.0.0.1', undefined)).not.toThrow()
})
