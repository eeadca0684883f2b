import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Disk } from './machine/machine-command.ts'
import { makeShelf } from './machine/shelf.ts'
import { RUN_DIRECTORY } from './run-directory.ts'

const ROOT = join(import.meta.dirname, '../..')

/** What is large and only checks code. */
const LEFT_OUT = ['@biomejs*', '@oxlint*', 'oxlint*', '@typescript*', 'typescript@*', 'knip@*', 'lightningcss*', 'postject@*']

/** A disk with this checkout as it is, and with the Node and vitest that it is tested with. */
export function shelveCheckout(): Disk {
  const directory = join(RUN_DIRECTORY, 'checkout')
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const excluded = ['.git', '.cache', 'dist', ...LEFT_OUT.map((each) => `node_modules/.pnpm/${each}`)]
  const options = excluded.map((each) => `--exclude=./${each}`).join(' ')
  execFileSync('sh', ['-c', `tar -C "$1" ${options} -cf - . | tar -C "$2" -xf -`, 'sh', ROOT, directory])
  const disk = makeShelf(directory, join(RUN_DIRECTORY, 'checkout.img'))
  rmSync(directory, { recursive: true })
  return disk
}

/** Puts the checkout of the disk, as /checkout, where it can be written to. */
export const MOUNT_CHECKOUT = (device: string): string => `
mkdir -p /checkout /var/lib/lab/lower /var/lib/lab/upper /var/lib/lab/work
mount -o ro ${device} /var/lib/lab/lower
mount -t overlay -o lowerdir=/var/lib/lab/lower,upperdir=/var/lib/lab/upper,workdir=/var/lib/lab/work overlay /checkout`
