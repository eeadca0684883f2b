import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'

/** A file system in a file, and how it is made: small, and nothing of it left to be written later. */
export type DiskKind = keyof typeof MAKE

const MAKE = {
  ext4: { size: '96M', command: ['mkfs.ext4', '-qF', '-J', 'size=4', '-E', 'lazy_itable_init=0,lazy_journal_init=0'] },
  // What is full of data must still have room for its own trees.
  btrfs: { size: '192M', command: ['mkfs.btrfs', '-qf'] },
  // The smallest that mkfs.xfs makes.
  xfs: { size: '300M', command: ['mkfs.xfs', '-qf'] },
} as const

/** Makes a file system in a file; `more` goes to its mkfs. */
export function makeDisk(kind: DiskKind, image: string, more: readonly string[] = []): void {
  const { size, command } = MAKE[kind]
  run('truncate', ['-s', size, image])
  const [program, ...args] = command
  run(program, [...args, ...more, image])
}

export function mountDisk(image: string, directory: string): void {
  mkdirSync(directory, { recursive: true })
  run('mount', ['-o', 'loop', image, directory])
}

export function mountMemory(directory: string, options: string): void {
  mkdirSync(directory, { recursive: true })
  run('mount', ['-t', 'tmpfs', '-o', `${options},mode=700`, 'tmpfs', directory])
}

/** Waits until nobody has a file of it open: what was killed takes a moment to be gone. What is mounted below goes with it. */
export async function unmount(directory: string): Promise<void> {
  for (;;) {
    try {
      run('umount', ['--recursive', directory])
      return
    } catch (error) {
      if (!String((error as { stderr?: unknown }).stderr).includes('busy')) throw error
      await pause(20)
    }
  }
}

/** Best effort, and lazily: for the end of a case that has gone wrong. */
export function unmountIfThere(directory: string): void {
  try {
    execFileSync('umount', ['--recursive', '--lazy', directory], { stdio: 'ignore' })
  } catch (error) {
    if (typeof (error as { status?: unknown }).status !== 'number') throw error
  }
}

/** Runs a program of the host; throws with what it said. */
export function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    // mkfs and xfs_io are where an ordinary PATH does not look.
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
  })
}
