import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runProgram } from '@bootagent/runtime/testing'
import { expect, onTestFinished, test } from 'vitest'
import { startFleet } from '../fleet.ts'

const MAIN = join(import.meta.dirname, '../../packages/bootagent/src/main.ts')

test('a host that is tested against a real server is answered, and is not known to it afterwards', async () => {
  const fleet = await startFleet()
  onTestFinished(() => fleet.end())
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-tested-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const { code, stdout } = await runProgram([process.execPath, MAIN, '-T', '--home', `${directory}/home`, '-S', fleet.url])
  expect(stdout).toMatch(/^ok +server +http:\S+ \(-S\): answers \(200\)$/m)
  expect(stdout).toMatch(/\nSuccess\n$/)
  expect(code).toBe(0)
  expect(JSON.parse(await fleet.bootfleet('hosts', '--json'))).toMatchObject({ hosts: [] })
  expect(readdirSync(directory)).toEqual([])
})
