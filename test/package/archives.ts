import { execFileSync } from 'node:child_process'

/** An entry of an archive: `-rwxr-xr-x root/root /usr/bin/bootagent`. */
export type Entry = string

/** What an archive holds, sorted by path, directories without their slash; scripts of the package manager are not among it. */
export function entriesOf(format: string, path: string): Entry[] {
  return LISTS[format]?.(path).sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1)) ?? []
}

export function pathOf(entry: Entry): string {
  return entry.split(' ')[2] ?? ''
}

const LISTS: Readonly<Record<string, (path: string) => Entry[]>> = {
  deb: (path) => tarEntries(run('dpkg-deb', '--contents', path)),
  'tar.gz': (path) => tarEntries(run('tar', '--list', '--verbose', '--gunzip', '--file', path)),
  rpm: (path) =>
    run('rpm', '-qp', '--qf', '[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\n]', path).trim().split('\n'),
}

function tarEntries(listing: string): Entry[] {
  const lines = listing.trim().split('\n')
  return lines.map((line) => {
    const [mode = '', owner = '', , , , name = ''] = line.split(/\s+/)
    const path = `/${name.replace(/^\.?\//, '').replace(/\/$/, '')}`
    return `${mode} ${owner.replace('0/0', 'root/root')} ${path}`
  })
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}
