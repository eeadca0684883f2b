import process from 'node:process'
import type { Format } from '@bootagent/protocol'
import type { Attack } from './attack.ts'
import { STREAMS } from './attacks/bombs.ts'
import { HEADERS } from './attacks/headers.ts'
import { KINDS } from './attacks/kinds.ts'
import { LIKENESS } from './attacks/likeness.ts'
import { LINKS } from './attacks/links.ts'
import { NAMES } from './attacks/names.ts'
import { PACKAGES } from './attacks/packages.ts'
import { ZIPS } from './attacks/zips.ts'

/** Every attack, in the order of the cases. */
export const ATTACKS: readonly Attack[] = [
  ...NAMES,
  ...LINKS,
  ...KINDS,
  ...LIKENESS,
  ...HEADERS,
  ...STREAMS,
  ...ZIPS,
  ...PACKAGES,
].toSorted((a, b) => Number(a.case.slice(1)) - Number(b.case.slice(1)))

/** One archive: an attack in one form. */
export interface HostileArchive {
  readonly attack: Attack
  readonly format: Format
  readonly bytes: () => Buffer
}

/** Every attack in every form in which it can be made. */
export const ARCHIVES: readonly HostileArchive[] = ATTACKS.flatMap((attack) =>
  Object.entries(attack.archives).map(([format, bytes]) => ({ attack, format: format as Format, bytes })),
)

/**
 * Of those that differ only in what is around one tar, workers are given the first of these forms; with `BOOTAGENT_CORPUS=all`
 * in the environment, all of them.
 */
const ONE_READER: readonly Format[] = ['tar.gz', 'tar', 'deb']

const UNPACKED = ARCHIVES.filter(({ attack, format }) => {
  const first = ONE_READER.find((form) => attack.archives[form] !== undefined)
  return process.env['BOOTAGENT_CORPUS'] === 'all' || !ONE_READER.includes(format) || format === first
})

const PACKAGES_OF_OTHERS: readonly Format[] = ['zip', 'rpm']

/** In two halves, since two test files are run at a time. */
export const [UNPACKED_TARS, UNPACKED_PACKAGES] = [
  UNPACKED.filter(({ format }) => !PACKAGES_OF_OTHERS.includes(format)),
  UNPACKED.filter(({ format }) => PACKAGES_OF_OTHERS.includes(format)),
]
