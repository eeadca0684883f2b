import { statSync } from 'node:fs'
import { readIfThere } from '@bootagent/runtime'
import { DEFAULT_CONFIG } from '../config.ts'
import { fail, type Found, ok, warn } from './finding.ts'
import type { Tested } from './tested.ts'

/** The local configuration, which is also the host's own policy: no server can change it, so nobody else must. */
export async function checkConfig({ options, config, uid }: Tested): Promise<Found[]> {
  const path = options.config ?? DEFAULT_CONFIG
  if (config.kind === 'unusable') return [fail(config.why, 'correct it: docs/programs/bootagent.md has every field')]
  const bytes = await readIfThere(path)
  if (bytes === undefined) return [ok(`no ${path}: the defaults`)]
  const fields = Object.keys(JSON.parse(bytes.toString('utf8')) as object)
  const { stepMin, stepMax } = config.config
  const said = `${path} sets ${fields.length === 0 ? 'nothing' : fields.join(', ')}; reports every ${stepMin} s to ${stepMax} s`
  const { mode, uid: owner } = statSync(path)
  if (owner !== uid && owner !== 0)
    return [warn(`${said}; it belongs to user ${owner}, who can change it`, `chown ${uid} ${path}`)]
  if ((mode & 0o022) !== 0) return [warn(`${said}; others can change it`, `chmod go-w ${path}`)]
  return [ok(said)]
}
