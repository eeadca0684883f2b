import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type Ending, runProgram } from '@bootagent/runtime/testing'
import { expect, onTestFinished, test } from 'vitest'

/** Has the real program test a configuration. */
function check(config: object): Promise<Ending> {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-check-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const [file, home] = [join(directory, 'config.json'), join(directory, 'home')]
  writeFileSync(file, JSON.stringify(config))
  const main = join(import.meta.dirname, '../../src/main.ts')
  return runProgram([process.execPath, main, '-T', '-c', file, '--home', home, '-S', '127.0.0.1'])
}

test('a configuration that can be used is a success', async () => {
  const { code, stdout } = await check({
    download: { rate: 100, tries: 3 },
    cache: { count: 5 },
    proxy: { http: 'http://proxy:3128' },
  })
  expect(stdout).toMatch(/\nSuccess\n$/)
  expect(code).toBe(0)
})

// Every download would fail by it, and nobody would know before the first.
test('a key that is not there fails the test of the configuration, which names it', async () => {
  const { code, stdout } = await check({ clientCert: '/dev/null', clientKey: '/no/such/key.pem' })
  expect(stdout).toMatch(/^FAIL +certificates +.*\/no\/such\/key\.pem/m)
  expect(code).toBe(1)
})

// Its login is nobody's business who reads the log of a configuration that failed.
test.each([
  [{ proxy: { http: 'socks5://me:secret@proxy' } }, 'proxy.http'],
  [{ clientCert: '/etc/host.pem' }, 'belong together'],
  [{ download: { rate: 0 } }, 'download.rate'],
])('%j is refused, and its values are not shown', async (config, says) => {
  const { code, stdout } = await check(config)
  expect(code).toBe(1)
  expect(stdout).toContain(says)
  expect(stdout).not.toContain('secret')
})
