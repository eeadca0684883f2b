import { expect, test } from 'vitest'
import { proxiesIn } from './proxies.ts'

test('nothing is read from nothing', () => {
  expect(proxiesIn({ http_proxy: '', HTTPS_PROXY: ' ' })).toEqual({ proxies: {}, refused: [] })
})

test('both cases are read, and lower case goes first', () => {
  const env = { http_proxy: 'http://a:1', HTTP_PROXY: 'http://b:1', HTTPS_PROXY: 'https://c', NO_PROXY: 'x.example,.y' }
  expect(proxiesIn(env).proxies).toEqual({ http: 'http://a:1', https: 'https://c', none: 'x.example,.y' })
})

test('a proxy without a scheme is an http proxy', () => {
  expect(proxiesIn({ http_proxy: 'proxy.example:3128' }).proxies).toEqual({ http: 'http://proxy.example:3128' })
})

// Its login must not get into the log by way of the complaint.
test.each(['socks5://me:secret@proxy:1080', 'http://', 'me:secret@'])('%j is refused, and not shown', (value) => {
  const { proxies, refused } = proxiesIn({ https_proxy: value })
  expect(proxies).toEqual({})
  expect(refused).toEqual([expect.stringContaining('https_proxy')])
  expect(refused.join()).not.toContain('secret')
})
