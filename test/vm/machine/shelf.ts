import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { Disk } from './machine-command.ts'

const MB = 1024 ** 2

/** Makes a disk that holds what is in a directory. In the guest it is mounted by {@link MOUNT_SHELF}, for reading only. */
export function makeShelf(directory: string, file: string): Disk {
  const [used = '0'] = execFileSync('du', ['--summarize', '--block-size=1', directory], { encoding: 'utf8' }).split('\t')
  const blocks = Math.ceil((Number(used) * 1.1 + 16 * MB) / 4096)
  rmSync(file, { force: true })
  const options = ['-q', '-t', 'ext4', '-b', '4096', '-m', '0', '-L', 'shelf', '-O', '^has_journal']
  execFileSync('mke2fs', [...options, '-d', directory, file, String(blocks)], { stdio: 'pipe' })
  return { file, format: 'raw', readonly: true }
}

/** Where the guest has the shelf. */
export const SHELF = '/mnt'

export const MOUNT_SHELF = `mount -o ro LABEL=shelf ${SHELF}`
