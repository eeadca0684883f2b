import { expect, test } from 'vitest'
import { atMost, BYTES, type Fetching, fetchWith, leavePart, readPart } from './fetching.ts'
import { type FtpLines, startFtpPuppet } from './ftp-puppet.ts'
import { startPyftpdlib, startVsftpd } from './real-servers.ts'
import { serve } from './servers.ts'
import { makeWorkplace } from './workplace.ts'

const CUT = 77_777

test('vsftpd hands a package out to anonymous, and only the rest of one that was cut', async () => {
  const server = await startVsftpd({ 'a package.tar.gz': BYTES })
  const url = `ftp://127.0.0.1:${server.port}/a%20package.tar.gz`
  const told: (string | undefined)[] = []
  const place = makeWorkplace()
  await fetchWith(url, { place, size: BYTES.length, settings: { onSource: (validator) => told.push(validator) } })
  expect(readPart(place).equals(BYTES)).toBe(true)
  leavePart(place, BYTES.subarray(0, CUT))
  const [validator] = told
  await fetchWith(url, { place, ...(validator === undefined ? {} : { validator }) })
  expect(readPart(place).equals(BYTES)).toBe(true)
  const downloads = [...server.log().matchAll(/OK DOWNLOAD: .*?, (\d+) bytes/g)].map(([, bytes]) => Number(bytes))
  expect(downloads).toEqual([BYTES.length, BYTES.length - CUT])
  expect(validator).toMatch(/^mdtm /)
})

test('a file that vsftpd does not have is refused', async () => {
  const { port } = await startVsftpd({})
  const failure = { reason: 'fetch-refused', message: expect.stringContaining('550') }
  await expect(fetchWith(`ftp://127.0.0.1:${port}/gone.tar.gz`)).rejects.toMatchObject(failure)
})

test('pyftpdlib lets in who has the right login, and hands out only the rest as well', async () => {
  const port = await startPyftpdlib({ 'package.tar.gz': BYTES }, { user: 'me@home', password: 'p@ss: word' })
  const place = makeWorkplace()
  leavePart(place, BYTES.subarray(0, CUT))
  const at = `@127.0.0.1:${port}/package.tar.gz`
  await fetchWith(`ftp://me%40home:p%40ss%3A%20word${at}`, { place })
  expect(readPart(place).equals(BYTES)).toBe(true)
  for (const login of ['me%40home:wrong', 'anonymous:x'])
    await expect(fetchWith(`ftp://${login}${at}`)).rejects.toMatchObject({ reason: 'fetch-refused' })
})

test('the url’s login is used, and decoded', async () => {
  const { port, heard } = await startFtpPuppet()
  await fetchWith(`ftp://me:p%40ss%20word@127.0.0.1:${port}/dir/package`)
  expect(heard).toEqual(expect.arrayContaining(['USER me', 'PASS p@ss word', 'RETR dir/package']))
})

// Neither on the host nor at the server, whatever the server says.
test('a password is in no message, also when the server repeats it', async () => {
  const { port } = await startFtpPuppet({ replies: { PASS: '530 not with secret, me' } })
  const fetching = fetchWith(`ftp://me:secret@127.0.0.1:${port}/package`)
  await expect(fetching).rejects.toMatchObject({ reason: 'fetch-refused', message: expect.not.stringContaining('secret') })
  await expect(fetching).rejects.toMatchObject({ message: expect.stringContaining('530') })
})

test('a package that has changed meanwhile is fetched whole', async () => {
  const { port, heard } = await startFtpPuppet()
  const place = makeWorkplace()
  leavePart(place, Buffer.alloc(CUT, 'old'))
  await fetchWith(`ftp://127.0.0.1:${port}/package`, { place, validator: 'mdtm 2020-01-01T00:00:00.000Z' })
  expect(readPart(place).equals(BYTES)).toBe(true)
  expect(heard.filter((line) => line.startsWith('REST'))).toEqual([])
})

test('a server that cannot go on is asked for the whole', async () => {
  const { port } = await startFtpPuppet({ replies: { REST: '502 no', SIZE: '500 what', MDTM: '500 what' } })
  const place = makeWorkplace()
  leavePart(place, BYTES.subarray(0, CUT))
  await fetchWith(`ftp://127.0.0.1:${port}/package`, { place })
  expect(readPart(place).equals(BYTES)).toBe(true)
})

test('what a server says of a file and nobody understands is as if it had not been said', async () => {
  const { port } = await startFtpPuppet({ replies: { SIZE: '213 quite large', MDTM: '213 yesterday' } })
  const place = makeWorkplace()
  leavePart(place, BYTES.subarray(0, CUT))
  await fetchWith(`ftp://127.0.0.1:${port}/package`, { place })
  expect(readPart(place).equals(BYTES)).toBe(true)
})

// Who waits for us is not idle: 64 KB at 1 KB a second are a minute's silence.
test('a server that we slow down is not taken for one that stands still', async () => {
  const { port } = await startFtpPuppet()
  const slow: Fetching = { idleTimeout: 500, totalTimeout: 3000, settings: { rate: atMost(1024) } }
  const failure = { reason: 'fetch-timeout', message: expect.stringContaining('as a whole') }
  await expect(fetchWith(`ftp://127.0.0.1:${port}/package`, slow)).rejects.toMatchObject(failure)
  const url = await serve((_, response) => response.setHeader('content-length', BYTES.length).end(BYTES))
  await expect(fetchWith(url, slow)).rejects.toMatchObject(failure)
})

/** A server's misconduct, and what it comes to. */
const FAULTS: readonly [does: string, reason: string, says: string, lines: FtpLines, options?: Fetching][] = [
  [
    'sends the data from another host',
    'fetch-redirect',
    'another host',
    { replies: { EPSV: '502 no', PASV: '227 there (192,0,2,1,10,10)' } },
  ],
  ['has another size than the job says', 'fetch-size', 'but it has more', {}, { size: 7 }],
  ['says a size and sends less', 'fetch-cut', 'cut off', { send: (data) => data.end(BYTES.subarray(0, CUT)) }],
  ['sends more than it said', 'checksum-mismatch', '', { send: (data) => data.end(Buffer.concat([BYTES, BYTES])) }],
  [
    'breaks off, and says so',
    'fetch-cut',
    '426',
    { send: (data) => data.write(BYTES.subarray(0, CUT), () => data.destroy()), afterwards: '426 broken off' },
  ],
  ['sends more than the host takes', 'fetch-size', 'larger than', { replies: { SIZE: '500 what' } }, { maxBytes: 1000 }],
  ['is busy', 'fetch-failed', '421', { replies: { USER: '421 come back later' } }],
  ['lets nobody in', 'fetch-refused', '530', { replies: { PASS: '530 no' } }],
  ['never answers', 'fetch-timeout', 'Timeout', { replies: { TYPE: undefined } }, { idleTimeout: 500 }],
  [
    'stands still in the middle',
    'fetch-timeout',
    'Timeout',
    { send: (data) => data.write(BYTES.subarray(0, CUT)) },
    { idleTimeout: 500 },
  ],
  ['is slower than the whole may be', 'fetch-timeout', 'as a whole', { send: () => undefined }, { totalTimeout: 1500 }],
]

test.each(FAULTS)('an ftp server that %s is a failure of the reason %s', async (_, reason, says, lines, options) => {
  const { port } = await startFtpPuppet(lines)
  const fetching = fetchWith(`ftp://127.0.0.1:${port}/package`, options)
  await expect(fetching).rejects.toMatchObject({ reason, message: expect.stringContaining(says) })
})

// Each would be a command of somebody else's choice, sent with our login.
test.each(['/a%0D%0ADELE%20b', '/a%0Ab', '/a%00b', '/', '/%zz'])('a path %s is refused before anybody is asked', async (path) => {
  const { port, heard } = await startFtpPuppet()
  await expect(fetchWith(`ftp://127.0.0.1:${port}${path}`)).rejects.toMatchObject({ reason: 'url-bad' })
  expect(heard).toEqual([])
})

test('a login with a line end is refused before anybody is asked', async () => {
  const { port, heard } = await startFtpPuppet()
  await expect(fetchWith(`ftp://me%0D%0A:x@127.0.0.1:${port}/a`)).rejects.toMatchObject({ reason: 'url-bad' })
  expect(heard).toEqual([])
})
