import { constants } from 'node:fs'
import { access, chmod, readdir, stat } from 'node:fs/promises'
import { makeDirectory, RuntimeError } from '@bootagent/runtime'
import { BootAgentError } from '../errors.ts'
import type { Paths } from '../state/paths.ts'
import { describeShared, judgeOpenness, UNSHARE } from './judge-openness.ts'

/** Makes the directories that are missing and sees that they can be used; throws `home-unusable` with what to do. */
export async function openHome(paths: Paths): Promise<void> {
  for (const directory of [paths.home, paths.run]) {
    await makeUsable(directory)
    await close(directory)
  }
  for (const directory of [paths.tmp, paths.packages, paths.agents, paths.attempts]) await makeUsable(directory)
  await checkOneMount(paths)
}

/**
 * Whoever else may enter could read what agents are given and put links where we write. But `--run /run` would lock everyone out of
 * what is theirs: only a directory that is empty, or ours already, is closed. Passing through is not entering: an agent that has a
 * user of its own needs it, and goes on running while we are replaced (ADR 0023).
 */
async function close(directory: string): Promise<void> {
  const openness = judgeOpenness((await stat(directory)).mode, await readdir(directory))
  if (openness.kind === 'shared')
    throw new BootAgentError('home-unusable', `${describeShared(directory, openness.foreign)}: ${UNSHARE}`)
  if (openness.kind === 'open') await chmod(directory, 0o700)
}

/** Every file is written in tmp and renamed into place, and a rename cannot cross mounts (seed 001, 临时目录). */
async function checkOneMount(paths: Paths): Promise<void> {
  const home = (await stat(paths.home)).dev
  for (const directory of [paths.tmp, paths.packages, paths.agents]) {
    if ((await stat(directory)).dev === home) continue
    throw new BootAgentError(
      'home-unusable',
      `${directory} is on another mount than ${paths.home}: files could not be renamed into place (Invalid cross-device link). Mount the whole home as one.`,
    )
  }
}

async function makeUsable(directory: string): Promise<void> {
  try {
    await makeDirectory(directory)
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const why = error instanceof RuntimeError || error instanceof Error ? error.message : String(error)
    throw new BootAgentError(
      'home-unusable',
      `${directory} cannot be used: ${why}. Run as root, or name writable directories with --home and --run.`,
      error,
    )
  }
}
