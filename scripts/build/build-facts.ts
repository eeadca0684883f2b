import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'

/** What is written into an executable, beside the code. */
export interface BuildFacts {
  readonly version: string
  /** The list as it was given; empty when none was. */
  readonly servers: string
  /** Twelve digits; with `-dirty` when the checkout holds something else than that commit. */
  readonly commit: string
  /** ISO 8601, UTC, to the second: the commit's own time, so that a second build is the same; or SOURCE_DATE_EPOCH. */
  readonly date: string
}

/** Reads the facts of a checkout; `version` goes before that of BootAgent's package.json. Throws when it is no checkout of git. */
export function readBuildFacts(
  root: string,
  given: { readonly version: string | undefined; readonly servers: string },
): BuildFacts {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-dirty'
  const epoch = process.env['SOURCE_DATE_EPOCH'] ?? git('log', '-1', '--format=%ct')
  const manifest = JSON.parse(readFileSync(`${root}/packages/bootagent/package.json`, 'utf8')) as { version: string }
  return {
    version: given.version ?? manifest.version,
    servers: given.servers,
    commit: `${git('rev-parse', '--short=12', 'HEAD')}${dirty}`,
    date: new Date(Number(epoch) * 1000).toISOString().replace('.000Z', 'Z'),
  }
}
