import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Config, readConfig } from './config.ts'

function configOf(text: string): Config {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-config-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const path = join(directory, 'bootagent.json')
  writeFileSync(path, text)
  return readConfig(path)
}

test('what is not said is the seed’s own', () => {
  expect(configOf('{}')).toMatchObject({ stepMin: 60, stepMax: 3600, step: 600, retry: 180, gap: 10, trial: 60, level: 'info' })
})

test('of an agent’s output 50 MiB are kept, in 5 files', () => {
  expect(configOf('{}').logs).toEqual({ total: 50 * 1024 ** 2, files: 5 })
  expect(configOf('{"logs": {"files": 2}}').logs).toEqual({ total: 50 * 1024 ** 2, files: 2 })
})

test('what is said counts, and the rest stays', () => {
  const config = configOf('{"stepMin": 0.1, "download": {"idle": 5}, "restart": {"delay": 1}}')
  expect(config).toMatchObject({ stepMin: 0.1, stepMax: 3600, download: { idle: 5, total: 3600 }, restart: { delay: 1 } })
})

test('metrics are offered nowhere, unless somebody says on which port', () => {
  expect(configOf('{}').metrics).toBeUndefined()
  expect(configOf('{"metrics": {"port": 9100}}').metrics).toEqual({ port: 9100, address: '127.0.0.1' })
})

// A misspelt name would leave a host at the default, and nobody would know.
test.each([
  ['a name nobody knows', '{"stepMim": 60}', 'stepMim'],
  ['a name nobody knows, deeper', '{"download": {"idel": 5}}', 'download.idel'],
  ['a text for a number', '{"step": "600"}', 'step'],
  ['less than nothing', '{"retry": -1}', 'retry'],
  ['a step that would never rest', '{"step": 0}', 'step'],
  ['more than a week', '{"trial": 604801}', 'trial'],
  ['half a byte', '{"maxPackage": 1.5}', 'maxPackage'],
  ['a level nobody knows', '{"level": "loud"}', 'level'],
  ['logs too small to be of use', '{"logs": {"total": 1000}}', 'logs.total'],
  ['logs in one file, which could never be copied', '{"logs": {"files": 1}}', 'logs.files'],
  ['a policy that cannot be', '{"restart": {"strikes": -1}}', 'restart.strikes'],
  ['metrics for the whole network', '{"metrics": {"port": 9100, "address": "0.0.0.0"}}', 'metrics.address'],
  [
    'metrics for a name, which may come to mean another host',
    '{"metrics": {"port": 9100, "address": "localhost"}}',
    'metrics.address',
  ],
  ['no port', '{"metrics": {}}', 'metrics.port'],
  ['nothing', 'null', 'the whole'],
])('%s is refused by the name of its field', (_, text, field) => {
  expect(() => configOf(text)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining(field) }))
})

test.each(['', '{', 'step = 600'])('a file that is not JSON is refused as such: %j', (text) => {
  expect(() => configOf(text)).toThrow(/bootagent\.json is not JSON/)
})

test('a file that was named and is not there is refused: somebody meant it', () => {
  expect(() => readConfig('/nowhere/bootagent.json')).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining('/nowhere/bootagent.json') }),
  )
})
