import type { HostPicture } from '../control/picture.ts'
import { columns } from './columns.ts'
import { moment } from './units.ts'

/** How it is with BootAgent itself, for people, with an empty line behind it; nothing where none runs. */
export function showDaemon({ daemon, version, hearing }: HostPicture): string {
  if (daemon === undefined) return ''
  const { pid, since, guard, trial } = daemon
  const lines = [
    `BootAgent ${version} runs: process ${pid}, since ${moment(since)}, ${guard === undefined ? 'without a guard' : `kept by guard ${guard}`}`,
    heard(hearing),
    ...(trial === undefined
      ? []
      : [`It is on trial in slot ${trial.slot}; should it not hold, slot ${trial.fallback} comes back`]),
  ]
  return `${columns(lines.map((line) => [line]))}\n`
}

function heard(hearing: HostPicture['hearing']): string {
  const { answered, silent } = hearing ?? {}
  const last =
    answered === undefined ? 'No server has answered it yet' : `It hears ${answered.server}, last ${moment(answered.at)}`
  return silent === undefined ? last : `${last}; nobody has answered since ${moment(silent.since)}`
}
