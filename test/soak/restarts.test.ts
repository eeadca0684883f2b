import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { clearDirectory } from '../bench/clear-directory.ts'
import { type BootAgentProcess, openBootAgent, tells } from '../bench/contenders/bootagent.ts'
import { agentName, numbers } from '../bench/contenders/contender.ts'
import { groupsOf } from '../bench/measure/control-groups.ts'
import { agentNumber, processesOf, sleepOf } from '../bench/measure/processes-of.ts'
import { descriptorsOf } from '../bench/measure/resources.ts'

const AGENTS = 10
const ROUNDS = 30
/** Each end is followed by a start at once, and is no strike. */
const RESTART = { delay: 0, window: 0, check: 1 }
/** With limits, so that there are control groups where the host has them. */
const LIMITS = { CPU: '50%', memory: '64M' }

// What is left over once a restart is nothing; a host that runs for a year makes it a dead host.
test('300 restarts leave no descriptor, no attempt and no control group behind', { timeout: 240_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-soak-'))
  onTestFinished(() => clearDirectory(directory))
  const bootagent = await startWithAgents(directory)
  await killAndAwaitRestart(bootagent, directory)
  const before = await atRest(bootagent, directory)

  for (let round = 0; round < ROUNDS; round += 1) await killAndAwaitRestart(bootagent, directory)
  const settled = () => atRest(bootagent, directory)
  await expect.poll(settled, { timeout: 60_000, interval: 200 }).toEqual(before)
  expect(attempts(bootagent).every((names) => names.length <= 3)).toBe(true)
})

async function startWithAgents(directory: string): Promise<BootAgentProcess> {
  const agents = numbers(AGENTS).map((number) => [
    agentName(number),
    { program: '/bin/sleep', args: [sleepOf(number)], restart: RESTART, limits: LIMITS },
  ])
  const bootagent = await openBootAgent(directory, { agents: Object.fromEntries(agents) })
  onTestFinished(() => bootagent.close())
  const started = bootagent.log.next('agent-started', tells('agent-started'), { count: AGENTS })
  await Promise.all([started, bootagent.run()])
  return bootagent
}

/** Kills every agent; resolves when BootAgent has told of each end, and of each new start. */
async function killAndAwaitRestart({ log }: BootAgentProcess, directory: string): Promise<void> {
  const ended = log.next('agent-exited', tells('agent-exited'), { count: AGENTS })
  const started = log.next('agent-started', tells('agent-started'), { count: AGENTS })
  for (const pid of agentsOf(directory)) process.kill(pid, 'SIGKILL')
  await Promise.all([ended, started])
}

/** What there is while all agents run: descriptors once no file is being written, and the groups of the agents and those beside them. */
async function atRest({ pid }: BootAgentProcess, directory: string): Promise<object> {
  let fewest = descriptorsOf(pid())
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(20)
    fewest = Math.min(fewest, descriptorsOf(pid()))
  }
  const pids = agentsOf(directory)
  const places = new Set(pids.flatMap(groupsOf).map(dirname))
  const groups = [...places].map(
    (place) => readdirSync(place, { withFileTypes: true }).filter((each) => each.isDirectory()).length,
  )
  return { agents: pids.length, descriptors: fewest, groups: groups.reduce((sum, each) => sum + each, 0) }
}

const LOOKS = 25

function agentsOf(directory: string): number[] {
  return processesOf(directory)
    .filter((each) => agentNumber(each) !== undefined)
    .map(({ pid }) => pid)
}

/** The attempts' directories of each agent. */
function attempts({ paths }: BootAgentProcess): string[][] {
  return readdirSync(paths.attempts).map((name) => readdirSync(join(paths.attempts, name)))
}
