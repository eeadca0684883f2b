import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Attack, CaseId } from './corpus/attack.ts'
import { ARCHIVES, ATTACKS } from './corpus/attacks.ts'

const PAGE = fileURLToPath(new URL('../../../../docs/archives.md', import.meta.url))
const MARK = '<!-- What follows is written by packages/bootagent/test/worker/archives-page.test.ts. -->\n'

// When an attack was added: node_modules/.bin/vitest run archives-page --update
test('docs/archives.md lists every attack, how it is made, in which forms, and what becomes of it', async () => {
  const [prose] = readFileSync(PAGE, 'utf8').split(MARK)
  await expect([prose, MARK, '\n', counts(), '\n', attacks()].join('')).toMatchFileSnapshot(PAGE)
})

// The list of cases is a promise that none of them is left out; these are no archives, but what is done while one is unpacked.
test('every case that is an archive is played', () => {
  const played = new Set<CaseId>(ATTACKS.map((attack) => attack.case))
  const missing = Array.from({ length: 36 }, (_, n): CaseId => `B${n + 1}`).filter((id) => !played.has(id))
  expect(missing).toEqual(['B14', 'B31', 'B32', 'B33', 'B36'])
})

function attacks(): string {
  const rows = ATTACKS.map((attack) => [
    attack.case,
    attack.name,
    attack.made,
    Object.keys(attack.archives).join(', '),
    endOf(attack),
  ])
  return table(['case', 'it tries to', 'by', 'as', 'it'], rows)
}

function endOf({ end }: Attack): string {
  if ('kept' in end) return end.kept.length === 0 ? 'is unpacked, to nothing' : `is unpacked, to ${shown(end.kept.join(', '))}`
  const says = end.says === '' ? '' : `: … ${end.says} …`
  return `is refused, \`${end.refused}\`${says}`
}

function counts(): string {
  const formats = [...new Set(ARCHIVES.map(({ format }) => format))]
  const cases = [...new Set(ATTACKS.map((attack) => attack.case))]
  const count = (id: CaseId | undefined, format?: string) =>
    ARCHIVES.filter(
      (archive) => (id ?? archive.attack.case) === archive.attack.case && (format ?? archive.format) === archive.format,
    ).length
  const rowOf = (id: CaseId | undefined) => {
    const own = ATTACKS.filter((attack) => (id ?? attack.case) === attack.case)
    return [id ?? 'all', own.length, ...formats.map((format) => count(id, format)), count(id)].map(String)
  }
  return table(['case', 'attacks', ...formats, 'archives'], [...cases.map(rowOf), rowOf(undefined)])
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows.map((row) => row.map(escaped))]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

/** What the page's form would take for its own. */
function escaped(text: string): string {
  return text.replace(/[\\|<*]/g, '\\$&')
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
