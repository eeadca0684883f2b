import type { BuildInfo } from '../../build-info.ts'
import type { FoundMetafile } from '../../state/metafile.ts'
import type { Metafile } from '../../state/metafile-schema.ts'
import type { Paths } from '../../state/paths.ts'
import type { Config } from '../config.ts'
import type { Options } from '../options.ts'
import type { Found } from './finding.ts'

/** What could not be used, and why. */
export interface Unusable {
  readonly kind: 'unusable'
  readonly why: string
}

/** The host that is tested: what every check may start from. */
export interface Tested {
  readonly options: Options
  readonly build: BuildInfo
  readonly paths: Paths
  readonly config: { readonly kind: 'ok'; readonly config: Config } | Unusable
  readonly metafile: FoundMetafile | Unusable
  /** Whose rights this process has. */
  readonly uid: number
  readonly env: Readonly<Record<string, string | undefined>>
  /** Wall time in milliseconds. */
  readonly now: number
}

/** One check: looks at one thing of a host, changes nothing, and answers a line or several. */
export interface Check {
  readonly name: string
  look(tested: Tested): readonly Found[] | Promise<readonly Found[]>
}

/** What the host is to remember, if it can be read. */
export function metafileOf({ metafile }: Tested): Metafile | undefined {
  return 'metafile' in metafile ? metafile.metafile : undefined
}
