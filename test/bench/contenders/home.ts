import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { RestartSettings, WrittenLimits } from '@bootagent/protocol'
import { pathsOf } from 'bootagent'
import { type AgentRecord, type Metafile, NEW_AGENT, newMetafile } from '../../../packages/bootagent/src/state/metafile-schema.ts'
import { type Paths, treePath } from '../../../packages/bootagent/src/state/paths.ts'

/** An agent that is installed without a server and without a job. */
export interface PlantedAgent {
  /** A program of the machine, which is copied into the release. */
  readonly program: string
  readonly args: readonly string[]
  readonly limits?: WrittenLimits
  readonly restart?: RestartSettings
}

/** A host that was installed long ago. */
export interface Planting {
  /** `127.0.0.1:PORT`. */
  readonly server: string
  /** Seconds between reports; 60 by default. */
  readonly step?: number | undefined
  readonly agents: Readonly<Record<string, PlantedAgent>>
}

/** Writes a host's home: releases on the disk, and a metafile that wants them running. */
export function plantHome(directory: string, { server, step = 60, agents }: Planting): Paths {
  const paths = pathsOf(`${directory}/home`, `${directory}/home/run`)
  for (const each of [paths.home, paths.tmp, paths.run]) mkdirSync(each, { recursive: true, mode: 0o700 })
  const identity = { agentsn: `bench-${basename(directory)}`, source: 'given', machine: '', standing: 'confirmed' } as const
  const records = Object.entries(agents).map(([name, agent]) => [name, plantAgent(paths, name, agent)])
  const metafile: Metafile = { ...newMetafile({ identity, svrlist: server, step }), agents: Object.fromEntries(records) }
  writeFileSync(paths.metafile, JSON.stringify(metafile), { mode: 0o600 })
  return paths
}

const RELEASE = '1.0.0-aaaaaaaa'

function plantAgent(paths: Paths, name: string, { program, args, limits = {}, restart = {} }: PlantedAgent): AgentRecord {
  const directory = treePath(paths, name, RELEASE)
  mkdirSync(directory, { recursive: true })
  const exec = basename(program)
  copyFileSync(program, `${directory}/${exec}`)
  chmodSync(`${directory}/${exec}`, 0o755)
  const release = { version: '1.0.0', digest: 'a'.repeat(64), run: { exec, args: [...args] }, envs: {}, limits, restart }
  return { ...NEW_AGENT, release: RELEASE, releases: { [RELEASE]: release } }
}
