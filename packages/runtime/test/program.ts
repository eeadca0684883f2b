import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The command that runs one of the tiny programs in `fixtures/`. */
export function program(name: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url)), ...args]
}

/** A directory that is gone when the test is over. */
export async function scratch(under = tmpdir()): Promise<string> {
  const directory = await mkdtemp(join(under, 'bootagent-runtime-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
