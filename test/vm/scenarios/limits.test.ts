import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../../scripts/tests/read-report.ts'
import { MOUNT_CHECKOUT, shelveCheckout } from '../checkout.ts'
import { createMachine, type Machine } from '../machine/machine.ts'
import { RUN_DIRECTORY } from '../run-directory.ts'

let directory: string
let machine: Machine

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-vm-'))
  const console = join(RUN_DIRECTORY, 'consoles/limits.log')
  machine = await createMachine({ directory, console, uuid: randomUUID(), disks: [shelveCheckout()] })
  await machine.start()
  await machine.sh(MOUNT_CHECKOUT('/dev/vdb'))
})

afterAll(async () => {
  await machine.end()
  rmSync(directory, { recursive: true })
})

// Where the tests of this repository run otherwise there is rarely a systemd, and rarely v2 with its controllers: they are skipped there.
test.each([
  ['cgroup v2', /^cgroup v2 \(/],
  ['a scope of systemd for each attempt', /^systemd \(/],
])('with %s, every claim about limits holds that is tested without a machine', async (_, title) => {
  const tests = (await runInGuest('packages/bootagent/test/limits/drivers.test.ts')).filter(({ ancestorTitles: [kind = ''] }) =>
    title.test(kind),
  )
  const failed = tests.filter(({ status }) => status === 'failed').map(({ title, failureMessages }) => [title, failureMessages])
  expect(failed).toEqual([])
  const passed = tests.filter(({ status }) => status === 'passed').map((each) => each.title)
  process.stdout.write(`${passed.length} claims:\n${passed.map((each) => `  ${each}\n`).join('')}`)
  expect(passed.length).toBeGreaterThan(10)
})

type Claim = Report['testResults'][number]['assertionResults'][number] & {
  readonly title: string
  readonly ancestorTitles: readonly string[]
  readonly failureMessages: readonly string[]
}

const reports = new Map<string, Promise<Claim[]>>()

/** Runs a test file in the guest, once. */
function runInGuest(file: string): Promise<Claim[]> {
  const report = reports.get(file) ?? askGuest(file)
  reports.set(file, report)
  return report
}

async function askGuest(file: string): Promise<Claim[]> {
  // systemd takes the controllers that no unit of its own asks for out of the tree again, as it may: so one asks for them, as on a host
  // where v2 is BootAgent's to use.
  const delegated = 'systemd-run --quiet --scope --property Delegate=yes'
  const vitest = 'node_modules/.bin/node node_modules/vitest/vitest.mjs run --project system --testTimeout 600000'
  const { stderr, stdout } = await machine.run(
    `cd /checkout && ${delegated} ${vitest} ${file} --reporter=json --outputFile=/root/report.json >/root/said 2>&1; tail -c 20000 /root/said >&2; cat /root/report.json`,
  )
  if (stdout === '') throw new Error(stderr)
  const report = JSON.parse(stdout) as { readonly testResults: readonly { readonly assertionResults: readonly Claim[] }[] }
  return report.testResults.flatMap(({ assertionResults }) => assertionResults)
}
