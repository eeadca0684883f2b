import { ERRORS } from '@bootagent/protocol'
import type { Told } from './lab.ts'
import type { HostFacts } from './look.ts'
import { commandOf, type Scenario, type Setup } from './scenarios.ts'

/** What must hold after any fault, as sentences about what does not: none means that the host has survived. */
export function judge(scenario: Scenario, told: Told, facts: HostFacts, mayBe: { readonly internal?: boolean } = {}): string[] {
  const setup = told.state === 'succeeded' ? scenario.after : scenario.before
  return [
    ...judgeSetup(setup, facts).map((wrong) => `${wrong}, though the job ${told.state}: ${told.message}`),
    ...judgeResult(told, facts),
    ...(told.errcode === ERRORS.internal.errcode && mayBe.internal !== true ? [`its reason is internal: ${told.message}`] : []),
    ...(facts.metafile === 'ok' ? [] : [`the metafile: ${facts.metafile}`]),
    ...(['ok', 'absent'].includes(facts.copy) ? [] : [`the copy of the metafile: ${facts.copy}`]),
    ...facts.broken.map((release) => `${release} is on record and not whole`),
    ...facts.strays.map((stray) => `${stray} is left over`),
  ]
}

/** After a kill nothing of the job is lost: it ends as it would have. */
export function judgeEnding({ ends }: Scenario, told: Told): string[] {
  return told.state === ends ? [] : [`it ${told.state}: ${told.message}`]
}

function judgeSetup({ version, envs, files }: Setup, { agents, running, current }: HostFacts): string[] {
  const { tiny } = agents
  if (version === null)
    return [
      ...(tiny === undefined ? [] : [`tiny ${tiny.release} is on record`]),
      ...running.map((command) => `${command} runs`),
      ...(current['tiny'] === undefined ? [] : [`current leads to ${current['tiny']}`]),
    ]
  const release = tiny?.release ?? 'nothing'
  return [
    ...(release.startsWith(`${version}-`) ? [] : [`${release} is on record`]),
    ...(tiny?.onTrial === true ? ['a trial is open'] : []),
    ...(JSON.stringify(tiny?.envs ?? {}) === JSON.stringify(envs) ? [] : [`its environment is ${JSON.stringify(tiny?.envs)}`]),
    ...(JSON.stringify(tiny?.files ?? []) === JSON.stringify(files) ? [] : [`its files are ${JSON.stringify(tiny?.files)}`]),
    ...(running.length === 1 && running[0] === commandOf(version) ? [] : [`what runs is ${JSON.stringify(running)}`]),
    ...(current['tiny'] === `releases/${tiny?.tree}` ? [] : [`current leads to ${current['tiny']}`]),
  ]
}

/** One result, the same on both sides, and with a reason that says something. */
function judgeResult(told: Told, { results }: HostFacts): string[] {
  const [kept] = results
  return [
    ...(results.length === 1 ? [] : [`the host has ${results.length} results`]),
    ...(kept?.errcode === told.errcode && kept.message === told.message
      ? []
      : [`the server was told ${JSON.stringify(told)} and the host has ${JSON.stringify(kept)}`]),
    ...((told.state === 'succeeded') === (told.errcode === 0) ? [] : [`${told.state} with errcode ${told.errcode}`]),
  ]
}
