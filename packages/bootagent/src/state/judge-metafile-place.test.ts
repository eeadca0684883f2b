import { expect, test } from 'vitest'
import { describeOther, judgeRights } from './judge-metafile-place.ts'

const PATH = '/home/metafile.json'
const ROOT = 0
const OURS = 1000

test.each([
  ['of ours, for us alone', OURS, 0o600],
  ['of root’s', ROOT, 0o600],
  ['that others can read', OURS, 0o644],
])('a metafile %s is believed', (_, owner, mode) => {
  expect(judgeRights(PATH, { owner, mode }, [OURS, ROOT])).toBeUndefined()
})

test.each([
  ['of somebody else’s', 1001, 0o600, /belongs to user 1001.*chown 1000 .home.metafile\.json$/],
  ['that its group can change', OURS, 0o660, /mode 660.*chmod 600 .home.metafile\.json$/],
  ['that everybody can change', OURS, 0o602, /mode 602.*chmod 600 .home.metafile\.json$/],
])('a metafile %s is not, with what to type', (_, owner, mode, says) => {
  expect(judgeRights(PATH, { owner, mode }, [OURS, ROOT])).toMatch(says)
})

test('what is no file is called by what it is, with what belongs in its place', () => {
  expect(describeOther(PATH, 'a symbolic link')).toMatch(/is a symbolic link.*cp --remove-destination/)
  expect(describeOther(PATH, 'a directory')).toMatch(/is a directory.*from a backup/)
})
