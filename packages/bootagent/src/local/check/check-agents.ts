import { readlinkSync } from 'node:fs'
import { namesIfThere } from '@bootagent/runtime'
import type { Metafile, ReleaseRecord } from '../../state/metafile-schema.ts'
import { agentPaths, type Paths, treePath } from '../../state/paths.ts'
import { canonical, treeOf } from '../../state/releases.ts'
import { findAccount } from '../../supervise/account.ts'
import { examineProgram } from '../../supervise/examine-program.ts'
import { namesLost } from '../../supervise/spawn-shim.ts'
import { type Found, ok } from './finding.ts'
import { judgeAgent, type SeenAgent } from './judge-agent.ts'
import { metafileOf, type Tested } from './tested.ts'

/** Every agent on record, by its name. */
export async function checkAgents(tested: Tested): Promise<Found[]> {
  const metafile = metafileOf(tested)
  if (!tested.options.agents) return [ok('not looked at (--no-agents)')]
  if (metafile === undefined) return []
  const names = Object.keys(metafile.agents)
  if (names.length === 0) return [ok('none is installed')]
  const askAccount = askOnceEach()
  return Promise.all(
    names.map(async (name) => judgeAgent(await lookAtAgent({ paths: tested.paths, metafile, askAccount }, name))),
  )
}

/** Why a release cannot have the rights it is to have; undefined when it can. */
type AskAccount = (release: ReleaseRecord) => Promise<string | undefined>

/** A hundred agents of one user ask the host about him once. */
function askOnceEach(): AskAccount {
  const asked = new Map<string, ReturnType<AskAccount>>()
  return (release) => {
    const { user, group, noNewPrivileges } = release.run
    const key = canonical({ user, group, noNewPrivileges })
    const answer = asked.get(key) ?? accountRefused(release)
    asked.set(key, answer)
    return answer
  }
}

async function lookAtAgent(
  { paths, metafile: { agents, failed }, askAccount }: { paths: Paths; metafile: Metafile; askAccount: AskAccount },
  name: string,
): Promise<SeenAgent> {
  const record = agents[name]
  if (record === undefined) throw new TypeError(`no record of ${name}`)
  const own = agentPaths(paths, name)
  const release = record.releases[record.release ?? '']
  const tree = treeOf(record.releases, record.release ?? '')
  return {
    name,
    record,
    failed: failed[name] ?? [],
    there: { trees: new Set(await namesIfThere(own.releases)), fileSets: new Set(await namesIfThere(own.files)) },
    program:
      release === undefined || tree === undefined ? undefined : refusalOf(`${treePath(paths, name, tree)}/${release.run.exec}`),
    account: release === undefined ? undefined : await askAccount(release),
    lost: namesLost(release?.envs ?? {}),
    links: { current: targetOf(own.current), previous: targetOf(own.previous), config: targetOf(own.config) },
  }
}

function refusalOf(program: string): string | undefined {
  try {
    return examineProgram(program)
  } catch (error) {
    return (error as Error).message
  }
}

/** The host's own programs are asked for users and groups, as a start asks them. */
async function accountRefused({ run }: ReleaseRecord): Promise<string | undefined> {
  try {
    const account = await findAccount(run)
    return 'refused' in account ? account.refused : undefined
  } catch (error) {
    return `who "${run.user ?? run.group ?? ''}" is, this host does not answer: ${(error as Error).message}`
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch (error) {
    if (['ENOENT', 'EINVAL', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
