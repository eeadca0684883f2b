import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import type { RestartSettings, WrittenLimits } from '@bootagent/protocol'
import { NEW_AGENT, newMetafile, type ReleaseRecord } from '../../packages/bootagent/src/state/metafile-schema.ts'
import { pathsOf, treePath } from '../../packages/bootagent/src/state/paths.ts'
import { PUPPET, type Strings } from './puppet.ts'

/** A puppet that is installed without a job. */
export interface Planted {
  readonly strings: Strings
  readonly limits?: WrittenLimits
  readonly restart?: RestartSettings
}

const RELEASE = '1.0.0-aaaaaaaa'

/** Makes a home as a BootAgent leaves it that was told to run these agents, and has not yet: many jobs would take their time. */
export function plantAgents(home: string, server: string, agents: Readonly<Record<string, Planted>>): void {
  const agentsn = home.slice(home.lastIndexOf('/') + 1)
  const identity = { agentsn, source: 'given', machine: `machine of ${agentsn}`, standing: 'claimed' } as const
  const first = newMetafile({ identity, svrlist: server, step: 0.2 })
  const records = Object.entries(agents).map(([name, planted]) => {
    const directory = treePath(pathsOf(home, `${home}/run`), name, RELEASE)
    mkdirSync(directory, { recursive: true })
    cpSync(PUPPET, `${directory}/puppet`)
    return [name, { ...NEW_AGENT, release: RELEASE, releases: { [RELEASE]: releaseOf(planted) } }] as const
  })
  writeFileSync(`${home}/metafile.json`, JSON.stringify({ ...first, agents: Object.fromEntries(records) }))
}

function releaseOf({ strings, limits = {}, restart = {} }: Planted): ReleaseRecord {
  return { version: '1.0.0', digest: 'a'.repeat(64), run: { exec: 'puppet', args: [strings.pipe] }, envs: {}, limits, restart }
}
