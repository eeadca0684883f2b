import { rename, rm } from 'node:fs/promises'
import { crashPoint, diskError, makeDirectory, syncDirectory } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { type AgentRecord, NEW_AGENT, type ReleaseRecord } from '../../state/metafile-schema.ts'
import { agentPaths, treePath } from '../../state/paths.ts'
import { chooseRun } from '../choose-run.ts'
import { judgeClaims } from '../judge-claims.ts'
import { makeRoom } from '../room.ts'
import { unpackInto } from '../unpack-into.ts'
import { StepError } from '../../errors.ts'
import type { Findings, Unpacked, Work } from '../tools.ts'
import { inWorkDirectory } from '../work-directory.ts'
import { withPackage } from './verify.ts'

/**
 * Unpacks a verified package into a release. Only the record makes it whole: a directory that was renamed into place just before
 * a crash is not recorded, so it is replaced.
 */
export async function unpack(payload: StepPayloads['unpack'], work: Work): Promise<void> {
  const { name, release, tree, digest, format } = payload
  const { metafile } = work
  const found = work.findings.package
  if (found === undefined) throw new StepError('internal', 'a package is unpacked only after it was verified')
  judgeClaims(found, { ...work.platform, name, version: payload.stated })
  const record = recordOf(payload, found, metafile.read().agents[name])
  const written = await withUnpacked({ digest, format, bytes: found.bytes }, work, async (unpacked) => {
    crashPoint('unpack:sealed')
    await putInPlace(unpacked.directory, work, { name, tree })
    return unpacked.written
  })
  const sealed = written === undefined ? record : { ...record, written }
  crashPoint('unpack:in-place')
  await metafile.update((current) => {
    const agent = current.agents[name] ?? NEW_AGENT
    return { ...current, agents: { ...current.agents, [name]: { ...agent, releases: { ...agent.releases, [release]: sealed } } } }
  })
}

/** Uses what was unpacked when the package was verified; where there was not the room for that, now that it is known what is needed. */
export async function withUnpacked<Result>(
  { bytes, ...wanted }: Pick<StepPayloads['unpack'], 'digest' | 'format'> & { readonly bytes: number },
  work: Work,
  use: (unpacked: Unpacked) => Promise<Result>,
): Promise<Result> {
  const { paths, metafile, findings } = work
  if (findings.unpacked !== undefined) return use(findings.unpacked)
  await makeRoom(paths, metafile.read(), bytes)
  return withPackage(work, wanted.digest, ({ fd: packageFd }) =>
    inWorkDirectory(paths, 'unpack', async (cwd) => {
      const { written } = await unpackInto({ ...wanted, packageFd, cwd }, work)
      return use({ directory: cwd, written })
    }),
  )
}

/** What the job leaves out stays as it was in the release before; what neither says, the package may. */
function recordOf(
  { name, release, tree, digest, settings: { version, ...asked } }: StepPayloads['unpack'],
  found: NonNullable<Findings['package']>,
  before: AgentRecord | undefined,
): ReleaseRecord {
  const last = before?.release === null ? undefined : before?.releases[before.release]
  const { manifest } = found
  const run = chooseRun({ name, asked: asked.run, manifest: manifest?.run, programs: found.programs })
  const health = asked.health ?? manifest?.health
  return {
    version,
    digest,
    ...(tree === release ? {} : { tree }),
    run,
    envs: asked.envs ?? last?.envs ?? {},
    limits: asked.limits ?? last?.limits ?? {},
    restart: asked.restart ?? manifest?.restart ?? last?.restart ?? {},
    ...(health === undefined ? {} : { health }),
    ...(asked.files === undefined ? {} : { files: asked.files }),
    own: ownOf(manifest, asked.run === undefined ? run : manifest?.run),
  }
}

/** What the package says of running it, where it says anything. */
function ownOf(
  manifest: NonNullable<Findings['package']>['manifest'],
  run: ReleaseRecord['run'] | undefined,
): ReleaseRecord['own'] {
  const { restart, health } = manifest ?? {}
  return {
    ...(run === undefined ? {} : { run }),
    ...(restart === undefined ? {} : { restart }),
    ...(health === undefined ? {} : { health }),
  }
}

async function putInPlace(from: string, { paths }: Work, { name, tree }: { name: string; tree: string }): Promise<void> {
  const own = agentPaths(paths, name)
  const to = treePath(paths, name, tree)
  try {
    await makeDirectory(own.releases, 0o755)
    // What an agent writes is nobody else's to read, also where another one may pass through the home.
    for (const directory of [own.data, own.log]) await makeDirectory(directory, 0o750)
    await rm(to, { recursive: true, force: true })
    await rename(from, to)
    await syncDirectory(own.releases)
  } catch (error) {
    throw diskError(`putting ${to} in place`, error)
  }
}
