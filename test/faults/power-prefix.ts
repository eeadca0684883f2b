import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { endAgentsOf } from '../../scripts/demo/end-agents.ts'
import { findMetafile } from '../../packages/bootagent/src/state/metafile.ts'
import { pathsOf } from '../../packages/bootagent/src/state/paths.ts'
import type { Case, Cell } from './cell.ts'
import { chanceFrom } from './chance.ts'
import { judgeKept, type Promised, promisesOf } from './judge-kept.ts'
import { beginHost, type Lab, order, result } from './lab.ts'
import { findBroken } from './look.ts'
import { makeDisk, mountDisk, run, unmount, unmountIfThere } from './mounts.ts'
import { overhear } from './overhear.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { type DiskRecord, readLog } from './write-log.ts'

/** Orders that are tried in all, and in a sample; and every how many prefixes a sample tries one. */
const ORDERS = { whole: 200, sample: 12 }
const STRIDE = 23

/**
 * A job is done on a disk that remembers each write. Then the disk is made again as it was after the first of them, after the second, and so on: as
 * it would be had the power gone there. At each of these moments what was told to the server by then must be on the disk.
 */
export const POWER_PREFIXES: readonly Cell[] = SCENARIOS.filter(({ name }) =>
  ['install', 'upgrade', 'settings'].includes(name),
).flatMap((scenario) => [
  cellOf(scenario, 'power cut after each write', (records, { sample }) => prefixes(records, sample ? STRIDE : 1)),
  cellOf(scenario, 'power cut, writes out of order', (records, { sample, seed }) =>
    disorders(records, { count: sample ? ORDERS.sample : ORDERS.whole, seed }),
  ),
])

/** A disk as it may be found: the records that reached it, in the order they did, and how many of them were flushed for sure. */
interface Found {
  readonly name: string
  readonly reached: readonly number[]
  /** All before this record are there. */
  readonly sure: number
}

function cellOf(
  scenario: Scenario,
  fault: string,
  ways: (records: readonly DiskRecord[], how: { sample: boolean; seed: number }) => Found[],
): Cell {
  return {
    scenario: scenario.name,
    fault,
    needs: 'a disk of ours',
    async *cases(lab, how) {
      const place = `${lab.fleet.directory}/${fault}-${scenario.name}`.replaceAll(/[ ,]+/g, '-')
      const done = await doOn(lab, scenario, place)
      const replay = startReplay(
        place,
        done.records.map(({ record }) => record),
      )
      try {
        for (const found of ways(
          done.records.map(({ record }) => record),
          how,
        )) {
          const promised = done.promises.filter(({ at }) => at <= (done.records[found.sure - 1]?.end ?? 0))
          yield lookAfter(lab, { found, replay, place, promised, home: done.home })
        }
      } finally {
        replay.end()
      }
    },
  }
}

/** Lets a host do the job on a disk that remembers, and answers what was written, and what was told when the log was how long. */
async function doOn(lab: Lab, scenario: Scenario, place: string) {
  const [image, log, fuse, home] = [`${place}.image`, `${place}.writes`, `${place}-fuse`, `${place}/home`]
  makeDisk('ext4', image, ['-b', '4096'])
  mkdirSync(fuse)
  const disk = spawn(process.execPath, [join(import.meta.dirname, 'write-log-disk.ts'), fuse, image, log], { stdio: 'inherit' })
  const gone = once(disk, 'exit')
  const listener = await overhear(lab.fleet.url, () => statSync(log).size)
  try {
    while (!existsSync(`${fuse}/disk`))
      await Promise.race([pause(20), gone.then(() => Promise.reject(new Error('the disk that remembers has ended')))])
    mountDisk(`${fuse}/disk`, place)
    const like = { ...scenario.like, home, run: `${place}-run`, servers: listener.url }
    const agentsn = place.slice(place.lastIndexOf('/') + 1)
    const host = await beginHost(lab, agentsn, { from: scenario.from, like, onHome: () => rememberFromNow(place) })
    const job = await order(lab, agentsn, scenario.request)
    await result(lab, host, { agentsn, job })
    await host.stop('SIGKILL')
    endAgentsOf(home)
    await unmount(place)
    await unmount(fuse)
    await gone
    return { records: readLog(log), promises: promisesOf(listener.heard), home }
  } finally {
    listener.close()
    endAgentsOf(home)
    unmountIfThere(place)
    unmountIfThere(fuse)
  }
}

/** What is on the disk now is there for good, and what is written from now on is what the story is about. */
function rememberFromNow(place: string): void {
  run('sync', ['--file-system', place])
  run('cp', ['--sparse=always', `${place}.image`, `${place}.base`])
  truncateSync(`${place}.writes`)
}

/** The disk as it was at the beginning, going through the records; what was tried on a copy never touches it. */
interface Replay {
  /** Makes a copy of the disk with these records, in this order. */
  copyWith(reached: readonly number[]): string
  end(): void
}

function startReplay(place: string, records: readonly DiskRecord[]): Replay {
  const [growing, copy] = [`${place}.growing`, `${place}.copy`]
  run('cp', ['--sparse=always', `${place}.base`, growing])
  let applied = 0

  function apply(path: string, which: readonly number[]): void {
    const file = openSync(path, 'r+')
    for (const index of which) {
      const record = records[index]
      if (record?.kind === 'write') writeSync(file, record.bytes, 0, record.bytes.length, record.at)
    }
    closeSync(file)
  }

  return {
    copyWith(reached) {
      // As long as they come in their order they need be applied only once.
      const inOrder = reached.findIndex((index, place) => index !== place)
      const straight = inOrder === -1 ? reached.length : inOrder
      if (straight < applied) {
        run('cp', ['--sparse=always', `${place}.base`, growing])
        applied = 0
      }
      apply(growing, reached.slice(applied, straight))
      applied = straight
      run('cp', ['--sparse=always', growing, copy])
      apply(copy, reached.slice(straight))
      return copy
    },
    end() {
      for (const path of [growing, copy]) rmSync(path, { force: true })
    },
  }
}

/** After the first record, after the second, and so on to the last. */
function prefixes(records: readonly DiskRecord[], stride: number): Found[] {
  const lengths = Array.from({ length: Math.ceil(records.length / stride) }, (_, nth) =>
    Math.min(records.length, (nth + 1) * stride),
  )
  return lengths.map((length) => ({ name: `after ${length} of ${records.length}`, reached: range(0, length), sure: length }))
}

/** Up to some flush all of it; of what was written from there to the next one, some, in any order. */
function disorders(records: readonly DiskRecord[], { count, seed }: { count: number; seed: number }): Found[] {
  const chance = chanceFrom(seed)
  const flushes = records.flatMap((record, index) => (record.kind === 'flush' ? [index] : []))
  const epochs = flushes
    .map((flush, nth) => ({ flush, next: flushes[nth + 1] ?? records.length }))
    .filter(({ flush, next }) => next - flush > 2)
  return Array.from({ length: count }, (_, nth) => {
    const { flush, next } = epochs[Math.floor(chance() * epochs.length)] ?? { flush: 0, next: 1 }
    const drawn = range(flush + 1, next).filter(() => chance() < 0.5)
    const shuffled = drawn.map((index) => ({ index, key: chance() })).toSorted((a, b) => a.key - b.key)
    const reached = [...range(0, flush + 1), ...shuffled.map(({ index }) => index)]
    return { name: `disorder ${nth + 1}: ${drawn.length} of ${next - flush - 1} after record ${flush}`, reached, sure: flush + 1 }
  })
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, nth) => from + nth)
}

/** What one look at a disk needs to know. */
interface Look {
  readonly found: Found
  readonly replay: Replay
  readonly place: string
  readonly home: string
  readonly promised: readonly Promised[]
}

async function lookAfter(lab: Lab, { found, replay, place, home, promised }: Look): Promise<Case> {
  mountDisk(replay.copyWith(found.reached), place)
  try {
    const { problems, outcome } = await lookAtDisk(lab, home, promised)
    return { name: found.name, fired: true, outcome, problems }
  } finally {
    await unmount(place)
  }
}

/** As BootAgent's next start would find it, and with the eyes of whoever was told something. */
async function lookAtDisk(
  lab: Lab,
  home: string,
  promised: readonly Promised[],
): Promise<{ problems: string[]; outcome: string }> {
  try {
    const found = await findMetafile(pathsOf(home, `${home}/run`))
    const metafile = found.kind === 'absent' ? undefined : found.metafile
    const broken = findBroken(home, metafile, lab.contents)
    const problems = [...judgeKept(promised, metafile), ...broken.map((id) => `${id} is on record and not whole`)]
    return { problems, outcome: `metafile ${found.kind}, ${promised.length > 0 ? 'promises' : 'no promises'}` }
  } catch (error) {
    return { problems: [(error as Error).message], outcome: 'not to be used' }
  }
}
