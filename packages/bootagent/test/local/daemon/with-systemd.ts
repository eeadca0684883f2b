import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { onTestFinished } from 'vitest'
import type { Typed } from '../../control/daemon.ts'
import { typed } from './kept-host.ts'

/** A view of this machine on which systemd runs, played by a script: seen by what is typed there, and by nothing else. */
export interface WithSystemd {
  type(command: string, ...args: readonly string[]): Promise<Typed>
  /** What `systemctl` was told so far, a line each. */
  told(): string[]
  /** What `systemd-notify` was told so far. */
  notified(): string[]
  /** A file of that view. */
  read(path: string): Promise<string>
}

/** Why it cannot be played here; undefined when it can. */
export const NO_SYSTEMD =
  process.geteuid?.() !== 0
    ? 'only root may mount'
    : ['/usr/bin/systemctl', '/usr/bin/systemd-notify', '/etc/systemd/system'].every((path) => existsSync(path))
      ? undefined
      : 'systemd is not installed, so nothing can be put in its place'

/** `unit` is what is in /etc/systemd/system; `programs` are put in the places of others. */
export async function withSystemd(
  root: string,
  { unit, programs = {} }: { readonly unit?: string; readonly programs?: Readonly<Record<string, string>> } = {},
): Promise<WithSystemd> {
  const place = `${root}/systemd`
  mkdirSync(place)
  writeFileSync(`${place}/systemctl`, systemctl(place), { mode: 0o755 })
  writeFileSync(`${place}/systemd-notify`, `#!/bin/sh\necho "$*" >>${place}/notified\n`, { mode: 0o755 })
  if (unit !== undefined) writeFileSync(`${place}/unit`, unit)
  const binds = { '/usr/bin/systemctl': `${place}/systemctl`, '/usr/bin/systemd-notify': `${place}/systemd-notify`, ...programs }
  const setUp = [
    'mount -t tmpfs tmpfs /run',
    'mkdir -p /run/systemd/system',
    'mount -t tmpfs tmpfs /etc/systemd/system',
    ...(unit === undefined ? [] : [`cp ${place}/unit /etc/systemd/system/bootagent.service`]),
    ...Object.entries(binds).map(([over, from]) => `mount --bind ${from} ${over}`),
    'echo ready',
    'exec sleep 1000000',
  ]
  const view = spawn('unshare', ['--mount', 'sh', '-ec', setUp.join('\n')], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void view.kill('SIGKILL'))
  await Promise.race([
    once(view.stdout, 'data'),
    once(view, 'exit').then(([code]) => Promise.reject(new Error(`set-up ended with ${code}`))),
  ])
  const type = (command: string, ...args: readonly string[]) => typed('nsenter', ['-t', String(view.pid), '-m', command, ...args])
  return {
    type,
    told: () => linesOf(`${place}/told`),
    notified: () => linesOf(`${place}/notified`),
    read: async (path) => (await type('cat', path)).data,
  }
}

/** Starts and stops what the unit says, as systemd would: in a session of its own, with a socket to be told by. */
function systemctl(place: string): string {
  return `#!/bin/sh
echo "$*" >>${place}/told
unit=/etc/systemd/system/bootagent.service
case $1 in
start)
  NOTIFY_SOCKET=/run/notify OPTIONS= setsid sh -c "exec $(sed -n 's/^ExecStart=//p' $unit)" </dev/null >>${place}/journal 2>&1 &
  echo $! >${place}/pid ;;
stop)
  [ ! -e ${place}/pid ] || kill "$(cat ${place}/pid)" || exit 0
  while [ -e ${place}/pid ] && kill -0 "$(cat ${place}/pid)" 2>/dev/null; do sleep 0.05; done ;;
enable) [ -e $unit ] || { echo "Unit file bootagent.service does not exist." >&2; exit 1; } ;;
esac
`
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}
