import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const PAGE = readFileSync(new URL('CASES.md', import.meta.url), 'utf8')

/** How many cases each section has. A case keeps its id for ever. */
const SECTIONS = { A: 34, B: 36, C: 22, D: 16, E: 14, F: 12, G: 17, H: 6, I: 18, J: 6, K: 16, L: 10 }

const MARKS = ['held', 'partly', 'not yet'] as const

/** One case: `said` is what follows the mark. */
interface Row {
  readonly id: string
  readonly mark: (typeof MARKS)[number]
  readonly said: string
}

/** A row that is not of this form is none, so its case is missing. */
const ROWS: readonly Row[] = [...PAGE.matchAll(/^\| ([A-Z]\d+) \| [^|]+ \| (held|partly|not yet): ([^|]+) \|$/gm)].map(
  ([, id = '', mark, said = '']) => ({ id, mark: mark as Row['mark'], said }),
)

/** The files at the foot, by the names that rows give them. */
const FILES = new Map([...PAGE.matchAll(/^\[([\w-]+)\]: (\S+)$/gm)].map(([, name = '', path = '']) => [name, path]))

/** A test that the page names. */
interface Mention {
  readonly file: string
  readonly title: string
}

function mentionsIn(text: string): Mention[] {
  return [...text.matchAll(/\[([\w-]+)\] "([^"]*)"/g)].map(([, file = '', title = '']) => ({ file, title }))
}

test('every case is here once, in its order, and no other', () => {
  const ids = Object.entries(SECTIONS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, n) => `${section}${n + 1}`),
  )
  expect(ROWS.map(({ id }) => id)).toEqual(ids)
})

test('every file at the foot is there', () => {
  expect([...FILES.values()].filter((path) => !existsSync(new URL(path, import.meta.url)))).toEqual([])
})

test('every file that is named stands at the foot, and none stands there that is not named', () => {
  const named = new Set(mentionsIn(PAGE).map(({ file }) => file))
  expect([...FILES.keys()].toSorted()).toEqual([...named].toSorted())
})

// Letter by letter, as the test's author wrote it: a title that was changed may mean another claim.
test('every title that is quoted is found in its file', () => {
  expect(mentionsIn(PAGE).filter(({ file, title }) => title === '' || !textOf(file).includes(title))).toEqual([])
})

function textOf(file: string): string {
  const path = FILES.get(file)
  return path === undefined ? '' : readFileSync(new URL(path, import.meta.url), 'utf8')
}

test('a case that is held names a test, one held in part also says what is open, and one that is not held names none', () => {
  const wrong = ROWS.filter(({ mark, said }) => {
    const [before = '', open] = said.split('; open: ')
    return mentionsIn(before).length > 0 !== (mark !== 'not yet') || (open !== undefined) !== (mark === 'partly')
  })
  expect(wrong).toEqual([])
})

test('the counts at the head are those of the rows', () => {
  const table = [...PAGE.matchAll(/^\| (all|[A-Z]) .*?\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)]
  const said = table.map(([, section = '', ...counts]) => [section, ...counts.map(Number)])
  const sections = Object.keys(SECTIONS).map((section) => countOf(section, (id) => id.startsWith(section)))
  expect(said).toEqual([...sections, countOf('all', () => true)])
})

function countOf(section: string, isOfIt: (id: string) => boolean): (string | number)[] {
  const rows = ROWS.filter(({ id }) => isOfIt(id))
  return [section, rows.length, ...MARKS.map((mark) => rows.filter((row) => row.mark === mark).length)]
}
