import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs'
import process from 'node:process'
import { endAgentsOf } from '../../scripts/demo/end-agents.ts'
import type { Line, Program } from '../../scripts/demo/program.ts'
import type { Case, Cell } from './cell.ts'
import { clearAway } from './evidence.ts'
import { judge } from './judge.ts'
import { beginHost, isReport, type Lab, order, result } from './lab.ts'
import { lookAtHost } from './look.ts'
import { makeDisk, mountDisk, mountMemory, run, unmount, unmountIfThere } from './mounts.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

/** A trouble of a real disk, and how it is made and ended while a host lives on it. */
interface Trouble {
  readonly name: string
  /** Disks alone by default. */
  readonly needs?: Cell['needs']
  mount(image: string, place: string): void
  begin(place: string): void
  end(place: string): void
  /** Whether it holds up whoever uses the disk: then nothing but reports goes on, and they must. */
  readonly holdsUp?: boolean
  /** Whether it takes another mount to be rid of it: the host is stopped, and another started. */
  readonly mended?: (image: string) => void
}

const onExt4 = (image: string, place: string, more: readonly string[] = []) => {
  makeDisk('ext4', image, more)
  mountDisk(image, place)
}

const TROUBLES: readonly Trouble[] = [
  {
    name: 'tmpfs full, by blocks',
    mount: (_, place) => mountMemory(place, 'size=48m'),
    begin: fillBlocks,
    end: emptyAgain,
  },
  {
    name: 'tmpfs full, by inodes',
    mount: (_, place) => mountMemory(place, 'size=48m,nr_inodes=400'),
    begin: fillInodes,
    end: emptyAgain,
  },
  { name: 'ext4 full, by blocks', mount: onExt4, begin: fillBlocks, end: emptyAgain },
  {
    name: 'ext4 full, by inodes',
    mount: (image, place) => onExt4(image, place, ['-N', '400']),
    begin: fillInodes,
    end: emptyAgain,
  },
  {
    name: 'btrfs full, by quota',
    needs: 'quotas',
    mount: (image, place) => {
      makeDisk('btrfs', image)
      mountDisk(image, place)
      run('btrfs', ['quota', 'enable', place])
      // Of the file system's outermost subvolume, which all of it is.
      run('btrfs', ['qgroup', 'limit', '48M', '0/5', place])
    },
    begin: fillBlocks,
    end: (place) => {
      emptyAgain(place)
      // What was deleted counts until it is on the disk that it is.
      run('btrfs', ['filesystem', 'sync', place])
    },
  },
  {
    name: 'the metafile may not be changed',
    mount: onExt4,
    begin: (place) => run('chattr', ['+i', `${place}/home/metafile.json`]),
    end: (place) => run('chattr', ['-i', `${place}/home/metafile.json`]),
  },
  {
    name: 'tmp on another mount',
    mount: onExt4,
    begin: (place) => mountMemory(`${place}/home/tmp`, 'size=8m'),
    end: (place) => run('umount', ['--lazy', `${place}/home/tmp`]),
  },
  {
    name: 'ext4 that stands still',
    mount: onExt4,
    begin: (place) => run('fsfreeze', ['--freeze', place]),
    end: (place) => run('fsfreeze', ['--unfreeze', place]),
    holdsUp: true,
  },
  {
    name: 'ext4 gone read-only',
    mount: onExt4,
    // What the kernel does of itself when it finds a file system damaged.
    begin: (place) => writeFileSync(`/sys/fs/ext4/${deviceOf(place)}/trigger_fs_error`, '1'),
    end: () => undefined,
    mended: (image) => run('sh', ['-c', 'e2fsck -fy "$1" || [ $? -le 2 ]', 'sh', image]),
  },
]

/** The steps at whose begin the trouble begins. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  install: ['download', 'verify', 'unpack', 'activate', 'start', 'watch'],
  upgrade: ['download', 'unpack', 'stop', 'activate', 'watch'],
  rollback: ['stop', 'activate', 'start', 'watch'],
  uninstall: ['stop', 'remove'],
}

/** Each trouble beginning at each step; a sample has the install only. */
export const SMALL_DISKS: readonly Cell[] = SCENARIOS.flatMap((scenario) =>
  TROUBLES.flatMap((trouble) => ((STEPS[scenario.name] ?? []).length === 0 ? [] : [cellOf(scenario, trouble)])),
)

function cellOf(scenario: Scenario, trouble: Trouble): Cell {
  return {
    scenario: scenario.name,
    fault: trouble.name,
    needs: trouble.needs ?? 'disks',
    async *cases(lab, { sample }) {
      const steps = STEPS[scenario.name] ?? []
      if (sample && trouble.holdsUp === true && scenario.name !== 'install') return
      for (const step of sample ? steps.slice(2, 3) : steps) yield await suffer(lab, scenario, { trouble, step })
    },
  }
}

async function suffer(lab: Lab, scenario: Scenario, { trouble, step }: { trouble: Trouble; step: string }): Promise<Case> {
  const agentsn = `${scenario.name}-${trouble.name}-${step}`.replaceAll(/[^a-z0-9]+/g, '-')
  const [place, image] = [`${lab.fleet.directory}/${agentsn}.disk`, `${lab.fleet.directory}/${agentsn}.image`]
  const like = { ...scenario.like, home: `${place}/home`, run: `${place}-run` }
  trouble.mount(image, place)
  try {
    const first = await beginHost(lab, agentsn, { from: scenario.from, like })
    let begun = false
    first.onLine((line) => {
      if (begun || line['kind'] !== 'step-begun' || line['step'] !== step) return
      begun = true
      // It stands still until the trouble is there: filling a disk takes longer than a step.
      process.kill(first.pid, 'SIGSTOP')
      trouble.begin(place)
      process.kill(first.pid, 'SIGCONT')
    })
    const job = await order(lab, agentsn, scenario.request)
    const ending = await (trouble.holdsUp === true ? reportsGoOn(first, () => begun) : endingOf(first, job)).finally(() => {
      // Nobody could kill what a disk that stands still holds up.
      if (begun) trouble.end(place)
    })
    const host =
      trouble.mended === undefined && ending === 'alive'
        ? first
        : await startAgain(lab, { agentsn, first, like, trouble, image, place })
    const told = await result(lab, host, { agentsn, job })
    const problems = [
      ...judge(scenario, told, lookAtHost(like.home, lab.contents, job)),
      ...(begun ? [] : [`${step} never began`]),
      ...(ending === 'alive' ? [] : [ending]),
    ]
    await host.stop()
    const outcome = told.state === 'succeeded' ? told.state : `${told.errcode} ${told.message}`
    return { name: agentsn, fired: begun, outcome, problems: clearAway(lab, { agentsn, home: like.home }, problems) }
  } finally {
    endAgentsOf(like.home)
    unmountIfThere(place)
    for (const left of [image, like.run]) rmSync(left, { recursive: true, force: true })
  }
}

/** Until the job has an end or rests, or the host has told that it cannot even take what it is told. */
async function endingOf(host: Program, job: string): Promise<string> {
  let silent = 0
  const isEnd = (line: Line) =>
    (line['kind'] === 'job-done' && line['job'] === job) ||
    line['kind'] === 'job-postponed' ||
    (line['kind'] === 'not-reported' && ++silent === 3)
  const seen = host.line(isEnd).then(() => host.nextLine((line) => isReport(line) || line['kind'] === 'not-reported'))
  return Promise.race([host.ended, seen.then(() => 'alive').catch(() => host.ended)])
}

/** Until three reports more were answered, whether or not the disk has taken the answers. */
function reportsGoOn(host: Program, begun: () => boolean): Promise<string> {
  let answered = 0
  const isAnswered = (line: Line) => isReport(line) || line['kind'] === 'not-kept'
  const seen = host.nextLine((line) => begun() && isAnswered(line) && ++answered === 3)
  return Promise.race([host.ended, seen.then(() => 'alive')])
}

async function startAgain(
  lab: Lab,
  {
    agentsn,
    first,
    like,
    trouble,
    image,
    place,
  }: { agentsn: string; first: Program; like: { home: string; run: string }; trouble: Trouble; image: string; place: string },
): Promise<Program> {
  await first.stop('SIGKILL')
  if (trouble.mended !== undefined) {
    endAgentsOf(like.home)
    rmSync(like.run, { recursive: true, force: true })
    await unmount(place)
    trouble.mended(image)
    mountDisk(image, place)
  }
  return lab.startHost(agentsn, {}, like)
}

/** To the last byte: what is freed meanwhile is filled as well, until nothing more goes in. */
function fillBlocks(place: string): void {
  const filler = openSync(`${place}/filler`, 'a')
  try {
    for (let piece = 1024 * 1024; piece >= 1; ) {
      try {
        writeSync(filler, Buffer.alloc(piece))
      } catch (error) {
        const { code, errno } = error as NodeJS.ErrnoException
        if (code !== 'ENOSPC' && errno !== OVER_QUOTA) throw error
        piece = Math.floor(piece / 4)
      }
    }
  } finally {
    closeSync(filler)
  }
}

/** Linux's EDQUOT, for which Node has no name. */
const OVER_QUOTA = -122

function fillInodes(place: string): void {
  mkdirSync(`${place}/fillers`)
  for (let left = statfsSync(place).ffree, nth = 0; left > 0; left = statfsSync(place).ffree, nth++)
    writeFileSync(`${place}/fillers/${nth}`, '')
}

function emptyAgain(place: string): void {
  for (const name of ['filler', 'fillers']) rmSync(`${place}/${name}`, { recursive: true, force: true })
}

/** `loop3`, of the loop device that is mounted there. */
function deviceOf(place: string): string {
  const device = run('findmnt', ['--noheadings', '--output', 'SOURCE', place]).trim().replace('/dev/', '')
  if (!existsSync(`/sys/fs/ext4/${device}`)) throw new Error(`${device} is none of ${readdirSync('/sys/fs/ext4').join(', ')}`)
  return device
}
