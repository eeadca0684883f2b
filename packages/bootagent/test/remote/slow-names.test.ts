import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, 'fixtures/ask-by-slow-name.ts')

/** In a network and with name servers of its own. */
const INSIDE = 'ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@"'

test('a name server that never answers is waited for no longer than for a connection', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('a network of its own needs root')
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-names-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(`${directory}/resolv.conf`, 'nameserver 127.0.0.1\noptions timeout:5 attempts:1\n')
  const inside = ['--net', '--mount', 'sh', '-c', INSIDE, `${directory}/resolv.conf`, process.execPath, PROGRAM]
  const { stdout } = await promisify(execFile)('unshare', inside)
  expect(JSON.parse(stdout)).toEqual({ code: 'timeout', message: 'no connection within 0.5 s', asked: true })
})
