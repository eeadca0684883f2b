import { afterAll, beforeAll, test } from 'vitest'
import { UNPACKED_TARS } from './corpus/attacks.ts'
import { expectUnpacked } from './corpus/expect-end.ts'
import { plantOutside, removeOutside } from './corpus/outside.ts'

beforeAll(plantOutside)
afterAll(removeOutside)

const TABLE = UNPACKED_TARS.map((archive) => [archive.attack.case, archive.format, archive.attack.name, archive] as const)

test.each(TABLE)('%s: unpacked, a %s that tries to %s does no harm', async (_case, _format, _name, archive) =>
  expectUnpacked(archive),
)
