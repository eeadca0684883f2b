import { statSync } from 'node:fs'
import { firstIdentity } from '../../state/identity.ts'
import { readMachineFacts } from '../host-facts.ts'
import { fail, type Found, ok, warn } from './finding.ts'
import type { Tested } from './tested.ts'

/** What the host remembers; nothing at all is a new host (seed 001). */
export function checkMetafile({ options, paths, metafile }: Tested): Found[] {
  if (metafile.kind === 'unusable') return [fail(metafile.why)]
  if (metafile.kind === 'absent') {
    const { agentsn, source } = firstIdentity(readMachineFacts(), options.agentsn, '')
    const known = source === 'random' ? 'a random id' : `${agentsn} (${source})`
    return [ok(`none in ${paths.home}: this is the first start, and the host would be known by ${known}`)]
  }
  const { identity, agents, step } = metafile.metafile
  const said = `host ${identity.agentsn} (${identity.standing}), agents on record: ${Object.keys(agents).length}, a report every ${step} s`
  if (metafile.kind === 'previous')
    return [
      warn(
        `${paths.metafile} cannot be used (${metafile.why}); the copy before it will be: ${said}`,
        'see what the disk says; the last change may be lost',
      ),
    ]
  if ((statSync(paths.metafile).mode & 0o077) !== 0)
    return [warn(`${said}; others can read ${paths.metafile}`, `chmod 600 ${paths.metafile}`)]
  return [ok(said)]
}
