import { join } from 'node:path'
import process from 'node:process'
import type { Bench, BenchSettings } from '../bench.ts'
import { type CommandTemplate, parseCommand } from '../command.ts'
import { runClaim, type Verdict } from '../conformance-case.ts'
import { ConformanceError } from '../errors.ts'
import type { AgentCase } from './agent-case.ts'
import { AGENT_CASES } from './all-cases.ts'
import { isOwnNetwork, runInOwnNetwork, whyNoOwnNetwork } from './own-network.ts'
import { setStage } from './stage.ts'

const MAIN = join(import.meta.dirname, '../../../packages/bootagent/src/main.ts')
const RUN = join(import.meta.dirname, '../run.ts')

/** This project's own BootAgent. */
const OWN_AGENT: CommandTemplate = [process.execPath, MAIN, '-f', '--home', '{home}', '-c', '{config}', '-S', '{servers}']

/** Each case has a stage and a BootAgent of its own, started by the one command. */
export async function openAgentBench(settings: BenchSettings): Promise<Bench> {
  const command = settings.peer === undefined ? OWN_AGENT : parseCommand(settings.peer)
  const noOwnNetwork = isOwnNetwork() ? undefined : await whyNoOwnNetwork()
  return {
    async run(name) {
      const found = AGENT_CASES.find((each) => each.name === name)
      if (found === undefined) throw new ConformanceError('usage', `there is no case ${name}`)
      if (found.needs === undefined || isOwnNetwork()) return play(found, command, settings.patience)
      return noOwnNetwork === undefined ? playInOwnNetwork(name, settings) : { name, outcome: 'skipped', why: noOwnNetwork }
    },
    close: async () => undefined,
  }
}

async function play({ name, run }: AgentCase, command: CommandTemplate, patience: number): Promise<Verdict> {
  const stage = await setStage(command, patience)
  const verdict = await runClaim(name, () => run(stage))
  await stage.clear()
  return verdict
}

/** The same, by this same program, whose every socket is then in that network. */
async function playInOwnNetwork(name: string, { peer, patience }: BenchSettings): Promise<Verdict> {
  const given = peer === undefined ? [] : ['--command', peer]
  const printed = await runInOwnNetwork([
    process.execPath,
    RUN,
    'agent',
    '--only',
    name,
    '--json',
    '--patience',
    String(patience / 1000),
    ...given,
  ])
  return JSON.parse(printed) as Verdict
}
