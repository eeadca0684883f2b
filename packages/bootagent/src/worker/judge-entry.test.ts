import { expect, test } from 'vitest'
import { createJudge, type Judge, type JudgeSettings, type Verdict, type WrittenEntry } from './judge-entry.ts'
import { DEFAULT_UNPACK_LIMITS, type UnpackLimits } from './unpack-limits.ts'

function judgeOf(limits: Partial<UnpackLimits> = {}, settings: Partial<JudgeSettings> = {}): Judge {
  return createJudge({ limits: { ...DEFAULT_UNPACK_LIMITS, ...limits }, packed: 1000, reroot: false, ...settings })
}

function entry(kind: WrittenEntry['kind'], path: string, more: Partial<WrittenEntry> = {}): WrittenEntry {
  return { kind, path, mode: 0o644, size: 0, ...more }
}

const kept = (verdict: Verdict) => (verdict.verdict === 'keep' ? verdict.entry : verdict.message)

test('what is kept says all that is needed to make it, with paths of its own', () => {
  const judge = judgeOf()
  const verdicts = [
    entry('directory', './'),
    entry('directory', './bin/'),
    entry('file', './bin/x', { mode: 0o4711, size: 3 }),
    entry('symlink', 'x', { linkTarget: 'bin/x' }),
    entry('hardlink', 'y', { linkTarget: './bin/x' }),
  ].map(judge.judge)
  expect(verdicts.map(kept)).toEqual([
    { kind: 'root' },
    { kind: 'directory', path: 'bin' },
    { kind: 'file', path: 'bin/x', mode: 0o755, size: 3 },
    { kind: 'symlink', path: 'x', target: 'bin/x' },
    { kind: 'copy', path: 'y', of: 'bin/x', mode: 0o755, size: 3 },
  ])
  expect(judge.finish()).toBeUndefined()
  expect(judge.sum).toEqual({ entries: 5, bytes: 6 })
})

test('a refusal names the entry, however it is spelled', () => {
  const verdict = judgeOf().judge(entry('file', `\u202e\u0007${'n'.repeat(300)}`))
  expect(kept(verdict)).toBe(`the package's entry "\\u202e\\u0007${'n'.repeat(118)}…" has a control character in its name`)
})

// Archives often name a directory after what is in it, but only once.
test('a directory may come after its contents, and not a second time', () => {
  const judge = judgeOf()
  expect(judge.judge(entry('file', 'd/x')).verdict).toBe('keep')
  expect(judge.judge(entry('directory', 'd')).verdict).toBe('keep')
  expect(judge.judge(entry('directory', 'd')).verdict).toBe('refused')
})

test('a link is judged at the end, when all it leads through is known', () => {
  const judge = judgeOf()
  expect(judge.judge(entry('symlink', 'l', { linkTarget: 'm/x' })).verdict).toBe('keep')
  expect(judge.finish()).toBeUndefined()
  judge.judge(entry('symlink', 'm', { linkTarget: '..' }))
  expect(judge.finish()).toMatchObject({ reason: 'archive-unsafe', message: expect.stringContaining('"l"') })
})

test('the limit of bytes is allowed, and one more is not', () => {
  expect(judgeOf({ maxBytes: 10 }).judge(entry('file', 'x', { size: 10 })).verdict).toBe('keep')
  expect(judgeOf({ maxBytes: 10 }).judge(entry('file', 'x', { size: 11 }))).toMatchObject({ reason: 'archive-too-large' })
})

test('the ratio counts only above what is free of it', () => {
  const limits = { ratioFreeBytes: 500_000, maxRatio: 200 }
  expect(judgeOf(limits).judge(entry('file', 'x', { size: 200_000 })).verdict).toBe('keep')
  expect(judgeOf(limits, { packed: 100 }).judge(entry('file', 'x', { size: 500_000 })).verdict).toBe('keep')
  expect(judgeOf(limits, { packed: 100 }).judge(entry('file', 'x', { size: 500_001 }))).toMatchObject({
    reason: 'archive-too-large',
  })
})

test('a symbolic link may not take a name that is taken', () => {
  const judge = judgeOf()
  judge.judge(entry('file', 'x'))
  expect(kept(judge.judge(entry('symlink', 'x', { linkTarget: 'y' })))).toContain('comes a second time')
})
