import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect } from 'vitest'

/** This machine's whole system, of which a test may change anything: what is written goes into a layer that is thrown away. */
export interface OwnSystem {
  /** Runs a script of sh as its root; resolves to what it printed, errors included, and to its exit code. */
  run(script: string): Promise<{ readonly said: string; readonly code: number }>
  /** The same, and it must end with 0. */
  ok(script: string): Promise<string>
  /** What BootAgent and systemd's programs were asked for, in order. */
  calls(): Promise<string[]>
  /** Writes a file of ours into it. */
  put(path: string, content: string | Buffer, mode?: number): void
  /** Paths of what is in it and not in this machine's own system, by the end of their name, sorted. */
  added(ending: RegExp): string[]
  remove(): void
}

/** Whether this machine can lend its system: that takes root. */
export const CAN_LEND = process.geteuid?.() === 0

/** systemd's programs only note what they are asked, in /calls; a directory says whether it runs. */
export function ownSystem({ systemd }: { readonly systemd: boolean }): OwnSystem {
  const directory = mkdtempSync(join(MEMORY, 'bootagent-system-'))
  const layer = join(directory, 'layer')
  for (const name of ['layer', 'work', 'root']) mkdirSync(join(directory, name))

  async function run(script: string): Promise<{ said: string; code: number }> {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }
    const args = ['--mount', '--propagation', 'private', 'sh', '-c', ENTER, directory, script]
    try {
      const { stdout } = await promisify(execFile)('unshare', args, { env })
      return { said: stdout, code: 0 }
    } catch (error) {
      const { code, stdout } = error as { code: number; stdout: string }
      return { said: stdout, code }
    }
  }

  async function ok(script: string): Promise<string> {
    const { said, code } = await run(script)
    expect({ said, code }).toMatchObject({ code: 0 })
    return said
  }

  function put(path: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(join(layer, path, '..'), { recursive: true })
    writeFileSync(join(layer, path), content)
    chmodSync(join(layer, path), mode)
  }

  put('/usr/bin/systemctl', SYSTEMCTL, 0o755)
  // It would read every page of this machine again.
  put('/usr/bin/mandb', '#!/bin/sh\n', 0o755)
  if (systemd) mkdirSync(join(layer, 'run/systemd/system'), { recursive: true })
  return {
    run,
    ok,
    calls: async () => (await ok('cat /calls 2>/dev/null || true')).split('\n').filter((line) => line !== ''),
    put,
    added: (ending) =>
      readdirSync(layer, { recursive: true, encoding: 'utf8' })
        .filter((path) => ending.test(path))
        .sort(),
    remove: () => rmSync(directory, { recursive: true }),
  }
}

/** dpkg syncs whatever it writes, and this is thrown away. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const ENTER = `
set -e
mount -t overlay overlay -o lowerdir=/,upperdir="$0/layer",workdir="$0/work" "$0/root"
mount --bind /proc "$0/root/proc"
mount --bind /dev "$0/root/dev"
# On machines that are images, it forbids services.
rm -f "$0/root/usr/sbin/policy-rc.d"
exec chroot "$0/root" sh -c "$1" 2>&1
`

const SYSTEMCTL = `#!/bin/sh
for unit; do :; done
case $* in
  *is-enabled*) [ ! -L "/etc/systemd/system/multi-user.target.wants/$unit" ] || echo enabled ;;
  *is-active*) exit 3 ;;
  *) echo "systemctl $*" >>/calls ;;
esac
case $* in
  # Enabled by the link alone, as systemd does it by the unit's word.
  *'enable '* | *' preset '*) mkdir -p /etc/systemd/system/multi-user.target.wants; ln -sf "/usr/lib/systemd/system/$unit" /etc/systemd/system/multi-user.target.wants/ ;;
  *'disable '*) rm -f "/etc/systemd/system/multi-user.target.wants/$unit" ;;
esac
`

/** Leaves the system as a BootAgent leaves it that runs, with an agent, and forgets what was asked for so far. */
export const BOOTAGENT_RUNS = `
mkdir -p /var/lib/bootagent/self/a /var/lib/bootagent/agents/shipper /run/bootagent/agents/shipper
echo a >/var/lib/bootagent/self/current; echo '{}' >/var/lib/bootagent/metafile.json
perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("/run/bootagent/control.sock"))'
: >/calls
`
