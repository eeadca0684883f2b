import { expect, test } from 'vitest'
import { placeNamed, placeOf } from './place-of.ts'

test.each([
  ['127.0.0.1', 'this host'],
  ['127.255.1.2', 'this host'],
  ['0.0.0.0', 'this host'],
  ['::1', 'this host'],
  ['::', 'this host'],
  ['::ffff:127.0.0.1', 'this host'],
  ['::ffff:7f00:1', 'this host'],
  ['169.254.169.254', 'the link'],
  ['::ffff:169.254.169.254', 'the link'],
  ['fe80::1', 'the link'],
  ['fd00:ec2::254', 'the link'],
  ['100.100.100.200', 'the link'],
  ['192.0.0.192', 'the link'],
  ['10.0.0.1', 'elsewhere'],
  ['192.168.1.1', 'elsewhere'],
  ['128.0.0.1', 'elsewhere'],
  ['169.253.255.255', 'elsewhere'],
  ['2001:db8::1', 'elsewhere'],
])('%s is %s', (address, place) => {
  expect(placeOf(address)).toBe(place)
})

// Whoever hides an address in another spelling of it meets the URL parser first.
test.each([
  ['http://2130706433/', 'this host'],
  ['http://0x7f.1/', 'this host'],
  ['http://[::ffff:127.0.0.1]/', 'this host'],
  ['http://0xa9fea9fe/', 'the link'],
  ['http://localhost/', 'this host'],
  ['http://LOCALHOST./', 'this host'],
  ['http://a.localhost/', 'this host'],
  ['http://packages.example/', undefined],
])('%s names %s', (url, place) => {
  expect(placeNamed(new URL(url))).toBe(place)
})
