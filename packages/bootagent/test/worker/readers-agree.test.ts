import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ARCHIVES } from './corpus/attacks.ts'
import { judgeHere } from './corpus/play.ts'
import { scratch } from '../state/scratch-home.ts'

/** Programs that list the names in an archive, each in its own understanding of it. */
const READERS = {
  tar: [
    ['tar', '--quoting-style=literal', '-Ptf'],
    ['bsdtar', '-Ptf'],
  ],
  zip: [
    ['zipinfo', '-1'],
    ['bsdtar', '-Ptf'],
  ],
} as const

/** The names that a program sees, in an order of their own, and whether it was content. */
function namesSeenBy([program, ...args]: readonly [string, ...string[]], path: string): { names: string[]; content: boolean } {
  const { stdout, status } = spawnSync(program, [...args, path], { encoding: 'latin1', env: { ...process.env, LC_ALL: 'C' } })
  const names = stdout.split('\n').filter((name) => name !== '')
  // A zip of nothing is one to zipinfo, but no success.
  return names[0] === 'Empty zipfile.' ? { names: [], content: true } : { names: names.toSorted(), content: status === 0 }
}

// What one program installs another must not see otherwise: whoever looks at a package before it is released looks with one of these.
test.each(['tar', 'zip'] as const)(
  'a %s that two other readers read differently is refused',
  { timeout: 300_000 },
  async (format) => {
    const path = join(scratch(), 'archive')
    const taken: string[] = []
    let differing = 0
    for (const { attack, bytes } of ARCHIVES.filter((archive) => archive.format === format)) {
      const packed = bytes()
      writeFileSync(path, packed)
      const [one, other] = READERS[format].map((reader) => namesSeenBy(reader, path))
      const differ = JSON.stringify(one) !== JSON.stringify(other)
      if (differ) differing += 1
      const refused = 'reason' in (await judgeHere({ format, bytes: packed, limits: attack.limits }))
      // Some do not like numbers of owners that others take; here none is ever applied.
      if (differ && !refused && attack.case !== 'B17')
        taken.push(`${attack.case} ${attack.name}: ${JSON.stringify([one, other])}`)
    }
    expect(taken).toEqual([])
    // Truth about the line above: they do differ, and often.
    expect(differing).toBeGreaterThan(40)
  },
)
