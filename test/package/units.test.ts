import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** A directory that systemd-analyze takes for a system's root, with the units of ours and those they name. */
let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bootagent-units-test-'))
  const units = join(root, 'usr/lib/systemd/system')
  cpSync('/usr/lib/systemd/system', units, { recursive: true, verbatimSymlinks: true })
  cpSync(join(ROOT, 'contrib/systemd'), units, { recursive: true })
  for (const program of ['usr/lib/bootagent/guard', 'usr/bin/bootserver']) {
    mkdirSync(dirname(join(root, program)), { recursive: true })
    writeFileSync(join(root, program), '#!/bin/sh\n', { mode: 0o755 })
  }
})
afterAll(() => rmSync(root, { recursive: true }))

function analyze(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args], { encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

const verify = (unit: string) => analyze('verify', '--man=no', '--recursive-errors=yes', `--root=${root}`, unit)

test.for(['bootagent.service', 'bootserver.service'])('systemd has nothing to say against %s', (unit) => {
  expect(verify(unit)).toEqual({ status: 0, said: '' })
})

test('what systemd does not know in a unit would be seen', () => {
  const unit = readFileSync(join(ROOT, 'contrib/systemd/bootserver.service'), 'utf8')
  writeFileSync(join(root, 'usr/lib/systemd/system/wrong.service'), unit.replace('ProtectClock=', 'ProtectClocks='))
  expect(verify('wrong.service')).toMatchObject({ status: 1, said: expect.stringContaining('ProtectClocks') })
})

test('the server is as closed as systemd can tell', () => {
  const { said } = analyze('security', '--offline=yes', '--no-pager', '--threshold=15', `--root=${root}`, 'bootserver.service')
  expect(said).toMatch(/exposure level for bootserver\.service: 1\.\d OK/)
})

test('the drop-in for hosts whose agents are known is one that systemd understands', () => {
  const directory = join(root, 'etc/systemd/system/bootagent.service.d')
  mkdirSync(directory, { recursive: true })
  cpSync(join(ROOT, 'contrib/systemd/hardened.conf'), join(directory, 'hardened.conf'))
  expect(verify('bootagent.service')).toEqual({ status: 0, said: '' })
})
