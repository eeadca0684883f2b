import { expect, test } from 'vitest'
import { exampleDaemonPicture, exampleHostPicture } from '../../test/control/example-picture.ts'
import { showDaemon } from './show-daemon.ts'

test('BootAgent is shown with who keeps it and whom it hears', () => {
  const hearing = { answered: { server: 'http://booter:8180', at: 1_700_000_600 } }
  expect(showDaemon(exampleHostPicture({ daemon: exampleDaemonPicture(), hearing }))).toBe(`\
BootAgent 1.2.3 runs: process 812, since 2023-11-14 22:13:20 UTC, kept by guard 810
It hears http://booter:8180, last 2023-11-14 22:23:20 UTC

`)
})

test('one that nobody starts again, on trial, with silent servers, says all of that', () => {
  const { guard: _, ...alone } = exampleDaemonPicture({ trial: { slot: 'b', fallback: 'a' } })
  const hearing = { silent: { since: 1_700_000_000, rounds: 2, denials: 0, why: [] } }
  expect(showDaemon(exampleHostPicture({ daemon: alone, hearing }))).toBe(`\
BootAgent 1.2.3 runs: process 812, since 2023-11-14 22:13:20 UTC, without a guard
No server has answered it yet; nobody has answered since 2023-11-14 22:13:20 UTC
It is on trial in slot b; should it not hold, slot a comes back

`)
})

test('without a BootAgent there is nothing to show of it', () => {
  expect(showDaemon(exampleHostPicture())).toBe('')
})
