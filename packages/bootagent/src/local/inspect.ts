import process from 'node:process'
import { BootAgentError } from '../errors.ts'
import { findMetafile } from '../state/metafile.ts'
import { type Metafile, readMetafile } from '../state/metafile-schema.ts'
import { pathsOf } from '../state/paths.ts'
import type { Options } from './options.ts'

/** Prints the metafile with what may be secret masked. Writes nothing; exit code 0, or 1 when this host has none. */
export async function inspect(options: Options): Promise<number> {
  const found = await findMetafile(pathsOf(options.home, options.run))
  if (found.kind === 'absent') {
    process.stderr.write(`bootagent: ${options.home} has no metafile: this host has never been started\n`)
    return 1
  }
  if (found.kind === 'previous')
    process.stderr.write(`bootagent: the newest metafile cannot be used (${found.why}); this is the copy before it\n`)
  process.stdout.write(`${JSON.stringify(maskSecrets(found.metafile), undefined, 2)}\n`)
  return 0
}

/** Environment values, and the names and rights that a url may carry: an agent's password is in one of them as a rule. */
export function maskSecrets(metafile: Metafile): Metafile {
  const masked = JSON.stringify(metafile, (key, value: unknown) => {
    if (key === 'envs') return Object.fromEntries(Object.keys(value as object).map((name) => [name, '***']))
    if (key === 'url' && typeof value === 'string')
      return value.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1***@').replace(/\?.*$/, '?***')
    return value
  })
  const reading = readMetafile(masked)
  if (reading.kind !== 'ok') throw new BootAgentError('metafile-unreadable', 'the metafile cannot be shown')
  return reading.metafile
}
