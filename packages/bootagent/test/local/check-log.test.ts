import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { expect, test } from 'vitest'
import { createTestedHost, testHost, testHostInside } from './tested-host.ts'

// Seed 001, -T: with -L, so that the old log is not written over.
test('what was found goes to the log that -L names, after what is there', async () => {
  const host = createTestedHost({})
  const log = `${host.root}/test.log`
  writeFileSync(log, 'old\n')
  const { code, findings, of } = await testHost(host, '--offline', '-L', log)
  expect(of('log')).toEqual([`ok ${log} takes lines: these`])
  const [old, ...lines] = readFileSync(log, 'utf8').trimEnd().split('\n')
  expect(old).toBe('old')
  const told = lines.map((line) => JSON.parse(line) as { check: string; verdict: string; kind: string; msg: string })
  expect(told.map(({ check, verdict, kind, msg }) => ({ check, verdict, kind, text: msg }))).toEqual(
    findings.slice(0, -1).map(({ check, verdict, text }) => ({ check, verdict, kind: 'tested', text })),
  )
  expect(code).toBe(0)
})

test('a log that cannot be written fails', async () => {
  const { code, of } = await testHost(createTestedHost({}), '--offline', '-L', '/no/such/directory/log')
  expect(of('log')[0]).toMatch(/^FAIL .*cannot be written \(ENOENT.*; name another file with -L$/)
  expect(existsSync('/no/such')).toBe(false)
  expect(code).toBe(1)
})

// Opening it would say nothing.
test.runIf(process.geteuid?.() === 0)('a log on a full disk fails', async () => {
  const host = createTestedHost({})
  const story = `mount -t tmpfs -o size=4k none ${host.paths.tmp}; head -c 4096 /dev/zero >${host.paths.tmp}/log`
  const { of } = await testHostInside(host, story, '--offline', '-L', `${host.paths.tmp}/log`)
  expect(of('log')).toEqual([`FAIL ${host.paths.tmp}/log takes no lines; make room on its disk`])
})
