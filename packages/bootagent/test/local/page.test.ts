import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildInfo } from '../../src/build-info.ts'
import { EXIT_CODES } from '../../src/errors.ts'
import { readOptions } from '../../src/local/options.ts'

const PAGE = readFileSync(new URL('../../../../docs/programs/bootagent.md', import.meta.url), 'utf8')

test('the page has every option that the help has, and no other', () => {
  let help = ''
  readOptions(['--help'], buildInfo(), (text) => {
    help += text
  })
  const offered = [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option)
  const described = [...section('Options').matchAll(/^\| (?:`-\w`, )?`(--[a-z-]+)/gm)].map(([, option]) => option)
  expect(new Set(described)).toEqual(new Set(offered))
})

test('the page has every exit code, and no other', () => {
  const described = [...section('Exit codes').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
  expect(new Set(described)).toEqual(new Set([0, ...Object.values(EXIT_CODES)]))
})

function section(title: string): string {
  return PAGE.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
}
