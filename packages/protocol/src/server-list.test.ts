import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_PORT, formatServer, parseServerList, type ServerAddress } from './server-list.ts'

function written(list: string): string[] | string {
  const reading = parseServerList(list)
  return 'refused' in reading ? reading.refused : reading.servers.map(formatServer)
}

test.each([
  [
    "the seed's build-time list",
    'booter.cargo.com:8080,192.168.9.1:9090',
    ['http://booter.cargo.com:8080', 'http://192.168.9.1:9090'],
  ],
  [
    "the seed's entry without a port",
    'booter.cargo.com,127.0.0.1:8090',
    ['http://booter.cargo.com:8180', 'http://127.0.0.1:8090'],
  ],
  ["the seed's trailing comma", '192.168.9.1:1234,', ['http://192.168.9.1:1234']],
  ['empty items and blanks around items', ' , a:1 ,,\tb:2\n', ['http://a:1', 'http://b:2']],
  ['nothing', '', []],
  ['the same server twice', 'a:1,a:1', ['http://a:1', 'http://a:1']],
  ['a URL', 'https://boot.example:8443', ['https://boot.example:8443']],
  ['a URL with its closing slash', 'HTTP://boot.example/', ['http://boot.example:8180']],
  ['https without a port: 8180, as for any entry', 'https://boot.example', ['https://boot.example:8180']],
  ["a scheme's own port, when it is written", 'a:80,https://b:443,c:0080', ['http://a:80', 'https://b:443', 'http://c:80']],
  ['IPv6 in brackets', '[::1]:9,[fe80::1]', ['http://[::1]:9', 'http://[fe80::1]:8180']],
  ['a name in capitals, which is the same name', 'BOOT.Example:1', ['http://boot.example:1']],
])('%s is read', (_, list, servers) => {
  expect(written(list)).toEqual(servers)
})

test.each([
  'a:port',
  'a:',
  'a:0',
  'a:65536',
  'a:-1',
  'a:1.5',
  'a:1:2',
  ':8180',
  '::1',
  '[::1',
  '[]:1',
  '[::1]x',
  'a b',
  'a;b',
  'ftp://a',
  'http://',
  'http:///a',
  '//a',
  'http://a/boot',
  'a?x',
  'a#x',
  'me@a',
  'http://me:secret@a',
  'a\\b',
  'a\tb',
  '%61',
  'a*',
  '1.2.3.256',
])('%j is no server, and refuses the whole list by name', (item) => {
  expect(written(`good:1,${item},good:2`)).toContain(`"${item.replace('\t', '\uFFFD')}" is not a server`)
})

test('a list has at most 4,096 characters', () => {
  expect(written('a'.repeat(4097))).toContain('4097 characters')
})

test('the port is what the list says, else 8180', () => {
  expect(DEFAULT_PORT).toBe(8180)
})

const hosts = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((text) => new URL(`http://[${text}]`).hostname),
)
const servers: fc.Arbitrary<ServerAddress> = fc.record({
  protocol: fc.constantFrom('http', 'https'),
  host: hosts.map((host) => host.toLowerCase()),
  port: fc.integer({ min: 1, max: 65_535 }),
})

test('what is formatted is read back: order, ports and duplicates are kept', () => {
  fc.assert(
    fc.property(fc.array(servers, { maxLength: 10 }), (list) => {
      expect(parseServerList(list.map(formatServer).join(','))).toEqual({ servers: list })
    }),
  )
})

test('any text is read or refused with a sentence that fits a result', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const reading = parseServerList(text)
      const said = 'refused' in reading ? reading.refused : ''
      const again = 'refused' in reading ? reading : parseServerList(reading.servers.map(formatServer).join())
      expect(said.length).toBeLessThanOrEqual(500)
      expect(again).toEqual(reading)
    }),
  )
})
