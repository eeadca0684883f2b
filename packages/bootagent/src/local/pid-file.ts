import { rm } from 'node:fs/promises'
import process from 'node:process'
import { readIfThere, writeFileAtomic } from '@bootagent/runtime'

/** For those who look for a process by a file. Whoever signals must prove it by the lock of the home: a file says what was. */
export async function writePidFile(path: string): Promise<void> {
  await writeFileAtomic(path, `${process.pid}\n`, { mode: 0o644 })
}

/** Leaves alone what another has written there since. */
export async function removePidFile(path: string): Promise<void> {
  if ((await readPidFile(path)) === process.pid) await rm(path, { force: true })
}

/** The process it names; undefined when there is no such file, or nothing of the kind in it. */
export async function readPidFile(path: string): Promise<number | undefined> {
  const text = (await readIfThere(path))?.toString('latin1').trim() ?? ''
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
}
