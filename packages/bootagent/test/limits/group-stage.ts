import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import type { ResourceLimits } from '@bootagent/protocol'
import { onTestFinished } from 'vitest'
import type { Group, Joining, LimitsDriver } from '../../src/limits/driver.ts'
import { kernelPause } from '../../src/supervise/kernel-pause.ts'

/** One attempt with a group, and what runs in it. Everything of it is gone when the test is over. */
export interface GroupStage {
  readonly group: Group
  readonly joining: Joining
  /** Runs a text of the shell in the group; resolves when it is in it. `ended` resolves when it has ended. */
  readonly run: (text: string, ...args: string[]) => Promise<{ readonly pid: number; readonly ended: Promise<unknown> }>
  /** A file of the group's, by the first of these names that there is; undefined when there is none. */
  readonly read: (...names: string[]) => string | undefined
  /** A path for a file, in a directory of this test. */
  readonly scratch: (name: string) => string
}

/** As the shell that becomes an agent does it. */
const JOIN = `
text=$1 count=$2
shift 2
while [ "$count" -gt 0 ]; do echo 0 >"$1" || exit 125; shift; count=$((count - 1)); done
exec sh -c "$text" sh "$@"
`

/** Makes a group with limits. Each stage is an attempt of its own, of an agent whose name is a file of v1's in every group. */
export function setGroup(driver: LimitsDriver, limits: ResourceLimits, agent = 'tasks'): GroupStage {
  const group = { agent, attempt: `${String(process.hrtime.bigint()).slice(-12)}-5f3a9c1e` }
  const joining = driver.prepare(group, limits)
  const directory = mkdtempSync(join(tmpdir(), 'limits-'))
  const children: ChildProcess[] = []
  onTestFinished(async () => {
    // A process that a disk holds back dies only when it is let go.
    driver.apply(group, {})
    driver.kill(group)
    await until(() => driver.remove(group))
    children.forEach((child) => child.unref())
    rmSync(directory, { recursive: true, force: true })
  })

  async function run(text: string, ...args: string[]): Promise<{ pid: number; ended: Promise<unknown> }> {
    // These programs are bad on purpose: none runs where nothing could end it.
    if (joining.files.length === 0 && joining.wrap.length === 0) throw new Error('there is no group to run it in')
    const command = [...joining.wrap, '/bin/sh', '-c', JOIN, 'sh', text, String(joining.files.length), ...joining.files, ...args]
    const [program = '', ...rest] = command
    const child = spawn(program, rest, { detached: true, stdio: 'ignore' })
    children.push(child)
    const ended = once(child, 'exit')
    await once(child, 'spawn')
    const pid = child.pid ?? 0
    await until(() => driver.processes(group).includes(pid) || child.exitCode !== null)
    return { pid, ended }
  }

  function read(...names: string[]): string | undefined {
    const events = driver.eventsFile(group)
    const directories = [...joining.files, ...(events === undefined ? [] : [events])].map((file) => dirname(file))
    const path = names.flatMap((name) => directories.map((each) => `${each}/${name}`)).find((each) => existsSync(each))
    return path === undefined ? undefined : readFileSync(path, 'latin1').trimEnd()
  }

  return { group, joining, run, read, scratch: (name) => join(directory, name) }
}

/** Resolves when it is so; the test's own time limit is the bound. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let round = 0; !isSo(); round += 1) await kernelPause(round)
}

/** The first whole disk of the host that has its own number, as `8:0`; undefined when there is none. */
export function findDisk(): string | undefined {
  const rows = readFileSync('/proc/partitions', 'latin1').trim().split('\n').slice(2)
  const devices = rows.map((row) => row.trim().split(/\s+/).slice(0, 2).join(':'))
  return devices.find((device) => existsSync(`/sys/dev/block/${device}`) && !existsSync(`/sys/dev/block/${device}/partition`))
}
