import { test } from 'vitest'
import { ARCHIVES } from './corpus/attacks.ts'
import { expectJudged } from './corpus/expect-end.ts'

const TABLE = ARCHIVES.map((archive) => [archive.attack.case, archive.format, archive.attack.name, archive] as const)

// The judge alone: what a worker adds to it is seen in unpacked-tars.test.ts and unpacked-packages.test.ts.
test.each(TABLE)('%s: a %s that tries to %s', async (_case, _format, _name, archive) => expectJudged(archive))
