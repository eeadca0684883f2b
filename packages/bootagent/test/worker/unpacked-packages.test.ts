import { afterAll, beforeAll, test } from 'vitest'
import { UNPACKED_PACKAGES } from './corpus/attacks.ts'
import { expectUnpacked } from './corpus/expect-end.ts'
import { plantOutside, removeOutside } from './corpus/outside.ts'

beforeAll(plantOutside)
afterAll(removeOutside)

const TABLE = UNPACKED_PACKAGES.map((archive) => [archive.attack.case, archive.format, archive.attack.name, archive] as const)

test.each(TABLE)('%s: unpacked, a %s that tries to %s does no harm', async (_case, _format, _name, archive) =>
  expectUnpacked(archive),
)
