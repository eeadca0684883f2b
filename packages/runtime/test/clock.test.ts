import { expect, test } from 'vitest'
import { runProgram } from '../src/testing/run-program.ts'
import { program } from './program.ts'

// Whoever asks the time opens no file for it: a shortage of descriptors passes, and must not end who waits for that.
test('a host that has no descriptors left still has its clock', async () => {
  const few = ['/bin/sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', ...program('uptime-without-descriptors')] as const
  const { stdout, stderr } = await runProgram([...few])
  expect(stderr).toBe('')
  const { code, before, after } = JSON.parse(stdout) as { code: string; before: number; after: number }
  expect(code).toBe('EMFILE')
  expect(after).toBeGreaterThanOrEqual(before)
})
