import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a build left in a directory, without the 110 MB: programs of sh that say which build they are of, and note what they are asked. */
export function fakeBuild(
  dist: string,
  facts: { readonly version: string; readonly servers?: string; readonly commit?: string },
): void {
  const { version, servers = '', commit = '0123456789ab' } = facts
  mkdirSync(dist, { recursive: true })
  writeFileSync(join(dist, 'build.json'), JSON.stringify({ version, servers, commit, date: '2026-11-29T08:00:00Z' }))
  const told = servers === '' ? '(none: the first start needs -S)' : servers
  // What it is asked goes into /calls; /refuse has it fail, and /other is a version that runs in its place.
  const agent = `#!/bin/sh
case $1 in
  -V) echo 'bootagent ${version} (commit ${commit}, built 2026-11-29T08:00:00Z)' ;;
  -h) echo '  servers  ${told}' ;;
  version) echo 'bootagent ${version}'; [ ! -e /other ] || echo 'running: bootagent 0.9.0, process 1' ;;
  *) echo "bootagent $*" >>/calls; [ ! -e /refuse ] || { echo 'bootagent: it would not' >&2; exit 1; } ;;
esac
`
  for (const arch of ['x64', 'arm64']) {
    const put = (program: string, script: string) =>
      writeFileSync(join(dist, `${program}-${version}-linux-${arch}`), script, { mode: 0o755 })
    put('bootagent', agent)
    put('bootserver', `#!/bin/sh\necho '${version}'\n`)
    put('bootfleet', `#!/bin/sh\necho 'bootfleet ${version}'\n`)
  }
}
