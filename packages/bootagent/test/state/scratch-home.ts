import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openHome } from '../../src/local/open-home.ts'
import { type Paths, pathsOf } from '../../src/state/paths.ts'

/** A directory that is gone when the test is over. */
export function scratch(under = tmpdir()): string {
  const directory = mkdtempSync(join(under, 'bootagent-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The home of a host that has never been started, with its directories made. */
export async function scratchHome(): Promise<Paths> {
  const directory = scratch()
  const paths = pathsOf(join(directory, 'home'), join(directory, 'run'))
  await openHome(paths)
  return paths
}
