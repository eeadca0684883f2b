import type { History } from '../history/deed.ts'

/** A history that once broke an invariant: what the fault in the product was, and the few deeds that showed it. */
export interface Found {
  readonly name: string
  readonly history: History
}

export const FOUND: readonly Found[] = [
  {
    // `kept running`: the hold outlived the stop that had failed, and nobody was left to lift it.
    name: 'an agent whose old process could not be stopped for an upgrade runs again once that has ended',
    history: {
      seed: 10,
      hosts: [2],
      packages: { 'alpha 2.0': { flaw: 'none', temper: { kind: 'clings', seconds: 200 } }, 'alpha 4.0': { flaw: 'none' } },
      deeds: [
        { at: 23, kind: 'order', hosts: [2], name: 'alpha', action: 'install', version: '2.0' },
        { at: 448, kind: 'order', hosts: [2], name: 'alpha', action: 'upgrade', version: '4.0', envs: { MODE: 'a' } },
      ],
    },
  },
  {
    // `I-d told is durable`: killed between a rename and the sync of its name, and begun again on what the kernel still held.
    name: 'what a BootAgent finds when it begins is on the disk for certain before it is told',
    history: {
      seed: 54,
      hosts: [0],
      deeds: [
        { at: 394, kind: 'kill', host: 0, after: 24, away: 30 },
        { at: 586, kind: 'order', hosts: [0], name: 'alpha', action: 'stop' },
        { at: 602, kind: 'kill', host: 0, after: 6, away: 1 },
      ],
    },
  },
  {
    // `I-e right release`: the way back was planned before supervision had looked around, and what it then started clung to life.
    name: 'a release that is gone back from after a crash does not run on beside the old one’s record',
    history: {
      seed: 518,
      hosts: [2, 4],
      packages: {
        'alpha 1.0': { flaw: 'none', temper: { kind: 'never ready' } },
        'beta 1.0': { flaw: 'none', temper: { kind: 'holds' } },
        'beta 4.0': { flaw: 'none', temper: { kind: 'clings', seconds: 91 } },
      },
      deeds: [
        { at: 17, kind: 'order', hosts: [2, 4], name: 'alpha', action: 'install', version: '1.0' },
        { at: 29, kind: 'order', hosts: [2, 4], name: 'beta', action: 'install', version: '1.0' },
        { at: 40, kind: 'order', hosts: [2, 4], name: 'beta', action: 'install', version: '4.0' },
        { at: 100, kind: 'power cut', host: 2, after: 141, away: 200 },
        { at: 101, kind: 'order at host', host: 2, action: 'reset', name: 'alpha' },
        { at: 107, kind: 'power cut', host: 2, after: 9, away: 1 },
        { at: 159, kind: 'kill', host: 2, after: 70, away: 200 },
        { at: 200, kind: 'network', host: 4, lasts: 400, fault: 'cut' },
        { at: 267, kind: 'order', hosts: [2], name: 'alpha', action: 'restart' },
      ],
    },
  },
  {
    // `nothing internal`: the failure to delete a work directory was nobody's to explain.
    name: 'a work directory that the disk will not remove ends no job with a fault of ours',
    history: {
      seed: 19,
      hosts: [1, 2],
      deeds: [
        { at: 7, kind: 'order', hosts: [1, 2], name: 'alpha', action: 'install', version: '1.0' },
        { at: 11, kind: 'order', hosts: [1], name: 'alpha', action: 'install', version: '1.0' },
        { at: 21, kind: 'order', hosts: [1, 2], name: 'beta', action: 'install', version: '1.0' },
        { at: 140, kind: 'order', hosts: [1], name: 'alpha', action: 'upgrade', version: '1.0' },
        { at: 204, kind: 'clock', host: 1, by: 2_592_000 },
        { at: 214, kind: 'disk fails', host: 1, operation: 'name', after: 26 },
        { at: 234, kind: 'order', hosts: [1, 2], name: 'alpha', action: 'start' },
        { at: 365, kind: 'order', hosts: [1], name: 'alpha', action: 'install', version: '4.0' },
      ],
    },
  },
  {
    // `I-c never again`: a wall clock that was set ahead made the host forget what it had done only minutes before.
    name: 'a host whose clock was set ahead by weeks still knows the jobs that it has just done',
    history: {
      seed: 9828,
      hosts: [0],
      deeds: [
        { at: 34, kind: 'order', hosts: [0], name: 'alpha', action: 'install', version: '2.0' },
        { at: 185, kind: 'clock', host: 0, by: 2_592_000 },
        { at: 364, kind: 'kill', host: 0, after: 8, away: 30 },
        { at: 405, kind: 'answers', host: 0, fault: 'old again', lasts: 60 },
      ],
    },
  },
  {
    // `true result`: a deadline was waited for in seconds that were reckoned once, whatever became of the clock.
    name: 'a download is not ended by a deadline that the clock was set back from',
    history: {
      seed: 12_413,
      hosts: [2],
      deeds: [
        { at: 82, kind: 'mirror', host: 2, fault: 'cut', lasts: 400 },
        { at: 103, kind: 'order', hosts: [2], name: 'alpha', action: 'install', version: '2.0', deadline: 128 },
        { at: 204, kind: 'clock', host: 2, by: -30 },
      ],
    },
  },
  {
    // `kept running`: what a start had noted while the disk was full was written after the stop that was ordered since.
    name: 'a start that was noted while the disk was full does not undo the stop after it',
    history: {
      seed: 68_394,
      hosts: [1],
      packages: {
        'gamma 1.0': { flaw: 'none', temper: { kind: 'holds' } },
        'gamma 3.0': { flaw: 'none', temper: { kind: 'ends', after: 257, code: 1 } },
      },
      deeds: [
        { at: 30, kind: 'order', hosts: [1], name: 'gamma', action: 'install', version: '1.0' },
        { at: 150, kind: 'order', hosts: [1], name: 'gamma', action: 'upgrade', version: '3.0', envs: { MODE: 'a' } },
        { at: 230, kind: 'order at host', host: 1, action: 'stop', name: 'gamma' },
        { at: 270, kind: 'disk full', host: 1, lasts: 400 },
      ],
    },
  },
]
