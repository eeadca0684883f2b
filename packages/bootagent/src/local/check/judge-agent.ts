import { parseLimits } from '@bootagent/protocol'
import type { LinkTargets } from '../../state/link-targets.ts'
import { linkTargets } from '../../state/link-targets.ts'
import type { AgentRecord, FailedRelease } from '../../state/metafile-schema.ts'
import { type Found, ok, warn, worst, fail } from './finding.ts'

/** What was seen of an agent on the disk of its host. */
export interface SeenAgent {
  readonly name: string
  readonly record: AgentRecord
  readonly failed: readonly FailedRelease[]
  /** The trees of releases, and the sets of configuration files, that are there. */
  readonly there: { readonly trees: ReadonlySet<string>; readonly fileSets: ReadonlySet<string> }
  /** Why the program of its release cannot be run; undefined when nothing speaks against it. */
  readonly program: string | undefined
  /** Why it cannot have the rights it is to have. */
  readonly account: string | undefined
  /** Names of variables that would not reach it. */
  readonly lost: readonly string[]
  readonly links: LinkTargets
}

/**
 * Judges one agent: what keeps the release that is to run from running is a fault, unless the agent is not to run; the rest is told. A
 * line an agent: its worst, and how many others there are.
 */
export function judgeAgent(agent: SeenAgent): Found {
  const { name, record } = agent
  const { release, wanted } = record
  if (release === null) return { subject: name, ...ok('no release yet: its first is being installed') }
  const founds = [...faultsOf(agent, release).map((each) => (wanted === 'running' ? each : asWarning(each))), ...remarksOn(agent)]
  const said = worst(founds, ok(`${wanted === 'running' ? 'to run' : 'to stay stopped'}, release ${release}, whole on the disk`))
  const others = founds.length - 1
  return { subject: name, ...said, ...(others > 0 ? { text: `${said.text}, and ${others} more` } : {}) }
}

function asWarning({ text, advice = '' }: Found): Found {
  return warn(text, advice)
}

/** Why its release cannot run. */
function faultsOf({ record, there, program, account }: SeenAgent, release: string): Found[] {
  const kept = record.releases[release]
  if (kept === undefined) return [fail(`release ${release} is not on record`, 'install it again')]
  const { missing, files } = partsOf(record, release)
  const limits = parseLimits(kept.limits)
  return [
    ...(there.trees.has(missing) ? [] : [fail(`release ${release} is not on the disk`, AGAIN)]),
    ...(there.trees.has(missing) && program !== undefined ? [fail(`release ${release} cannot run: ${program}`, AGAIN)] : []),
    ...(files === undefined || there.fileSets.has(files)
      ? []
      : [fail(`the configuration files of ${release} are not on the disk`, AGAIN)]),
    ...(account === undefined ? [] : [fail(account, 'until then it cannot be started')]),
    ...('refused' in limits ? [fail(`its limits cannot be used: ${limits.refused}`, AGAIN)] : []),
  ]
}

const AGAIN = 'have the server install it again'

function partsOf(record: AgentRecord, release: string): { missing: string; files: string | undefined } {
  const { current, config } = linkTargets({ ...record, release })
  return { missing: current?.slice('releases/'.length) ?? '', files: config?.slice('files/'.length) }
}

/** What an operator is to know, and does not keep it from running. */
function remarksOn({ name, record, failed, there, lost, links }: SeenAgent): Found[] {
  const wanted = linkTargets(record)
  const astray = (['current', 'previous', 'config'] as const).filter((link) => links[link] !== wanted[link])
  const back = wanted.previous?.slice('releases/'.length)
  const latest = failed.at(-1)
  return [
    ...(record.fatal ? [warn(`given up after ${record.strikes} failures in a row`, `bootagent why ${name}`)] : []),
    ...(latest === undefined
      ? []
      : [
          warn(
            `release ${latest.release} failed its trial: ${latest.why}`,
            `bootagent why ${name} shows it; it is not tried again unasked`,
          ),
        ]),
    ...(back === undefined || there.trees.has(back)
      ? []
      : [warn(`release ${record.previous}, to go back to, is not on the disk`, 'there is no way back until the next upgrade')]),
    ...(astray.length === 0
      ? []
      : [warn(`links that lead astray: ${astray.join(', ')}`, 'BootAgent points them anew when it is started')]),
    ...(lost.length === 0
      ? []
      : [warn(`variables that no shell knows do not reach it: ${lost.join(', ')}`, 'name them by letters, digits and _')]),
  ]
}
