import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const PAGES = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')

// A walk that leads to a file that was moved is worse than none.
test.each(PAGES)('%s leads nowhere that is not there', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/```[\s\S]*?```/g, '')
  const inline = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '')
  const footed = [...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, target]) => target ?? '')
  const local = [...inline, ...footed].filter((target) => !/^([a-z]+:|#)/.test(target))
  expect(local.filter((target) => !existsSync(join(ROOT, dirname(page), target.replace(/#.*$/, ''))))).toEqual([])
})
