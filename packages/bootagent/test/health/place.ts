import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Health } from '@bootagent/protocol'
import type { Clock } from '@bootagent/runtime'
import { createFakeClock } from '@bootagent/runtime/testing'
import { onTestFinished } from 'vitest'
import type { CheckResult } from '../../src/health/judge-health.ts'
import { createProbe, type ProbeSubject } from '../../src/health/probe.ts'
import { readyFileOf } from '../../src/health/ready-file.ts'

/** A running agent's directories, as its attempt has them, with the fixtures as its release. Gone when the test is over. */
export function makePlace(prefix: readonly string[] = []): ProbeSubject {
  const root = mkdtempSync(join(tmpdir(), 'health-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const [directory, data] = [join(root, 'attempt'), join(root, 'data')]
  mkdirSync(dirname(readyFileOf(directory)), { recursive: true })
  mkdirSync(data)
  const environment = { PATH: '/usr/bin:/bin', BOOTAGENT_ATTEMPT: directory }
  return { directory, data, environment, prefix, release: join(import.meta.dirname, 'fixtures') }
}

/** Checks once, as long as it takes: time stands still unless the test moves it. */
export function check(
  health: Health,
  {
    subject = makePlace(),
    clock = createFakeClock(),
    signal = new AbortController().signal,
  }: {
    subject?: ProbeSubject
    clock?: Clock
    signal?: AbortSignal
  } = {},
): Promise<CheckResult> {
  return createProbe(clock)(health, subject, signal)
}
