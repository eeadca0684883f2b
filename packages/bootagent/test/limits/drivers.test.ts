import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, watch } from 'node:fs'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { chooseDriver, type DriverChoice } from '../../src/limits/choose-driver.ts'
import { readProc } from '../../src/supervise/process-identity.ts'
import { findDisk, setGroup, until } from './group-stage.ts'
import * as programs from './programs.ts'

const key = randomBytes(4).toString('hex')
const MB = 1024 ** 2

/** Every kind on every host: what a host does not offer is skipped, with the reason in its title. */
const KINDS: readonly (Omit<DriverChoice, 'key'> & { readonly title: string })[] = [
  { title: 'cgroup v1', forced: 'cgroup-v1' },
  { title: 'hybrid', forced: 'hybrid' },
  { title: 'cgroup v2', forced: 'cgroup-v2' },
  { title: 'cgroup v2 without controllers', forced: 'cgroup-v2', root: '/sys/fs/cgroup/unified' },
  { title: 'systemd', forced: 'systemd' },
]

const OFFERED = KINDS.map(({ title, ...choice }) => {
  const driver = chooseDriver({ ...choice, key })
  return { driver, title: driver.kind === 'none' ? `${title} is not offered here: ${driver.why}` : `${title} (${driver.why})` }
})

const disk = findDisk()

describe.each(OFFERED)('$title', ({ driver }) => {
  const isOffered = driver.kind !== 'none'
  const holds = (limit: Parameters<typeof driver.enforced.has>[0]) => isOffered && driver.enforced.has(limit)

  test.runIf(holds('memory'))(
    "a process that takes more than its agent may is killed, and the kernel's counter says so",
    async () => {
      const { group, run, joining } = setGroup(driver, { memoryBytes: 20 * MB })
      expect(joining.unapplied).toEqual([])
      await run(programs.MEMORY_HOG)
      await until(() => (driver.reckon(group)?.oomKills ?? 0) > 0)
      const { memoryPeakBytes = 0 } = driver.reckon(group) ?? {}
      expect(memoryPeakBytes).toBeLessThanOrEqual(20 * MB)
    },
  )

  test.runIf(holds('CPU'))('a process that would take a whole core is held back, period after period', async () => {
    const { group, run } = setGroup(driver, { cpuPercent: 10 })
    await run(programs.CPU_BURNER)
    await until(() => (driver.reckon(group)?.throttled ?? 0) > 3)
    const { periods = 0, throttled = 0, cpuUsec = 0 } = driver.reckon(group) ?? {}
    expect(periods).toBeGreaterThanOrEqual(throttled)
    expect(cpuUsec).toBeGreaterThan(0)
    // 10 ms of each 100, by the kernel's own count; a period may be exceeded by a tick for each core, and is made up for.
    expect(cpuUsec / (periods + 1)).toBeLessThan(50_000)
  })

  test.runIf(holds('pids'))('a fork bomb gets no further than its limit', async () => {
    const { group, run } = setGroup(driver, { pids: 16 })
    await run(programs.FORK_BOMB)
    await until(() => (driver.reckon(group)?.forksRefused ?? 0) > 0)
    expect(driver.processes(group).length).toBeLessThanOrEqual(17)
    expect(driver.processes(group).length).toBeGreaterThan(10)
    driver.kill(group)
    await until(() => driver.processes(group).length === 0)
  })

  test.runIf(holds('memory') && holds('CPU') && holds('pids'))('what is written is what the kernel says it holds', async () => {
    const { read, run } = setGroup(driver, { memoryBytes: 20 * MB, cpuPercent: 12.5, pids: 7 })
    await run(programs.SLEEPER)
    expect(read('memory.limit_in_bytes', 'memory.max')).toBe(String(20 * MB))
    expect(read('cpu.cfs_quota_us', 'cpu.max')).toMatch(driver.kind === 'systemd' ? /^13000\b/ : /^12500\b/)
    expect(read('pids.max')).toBe(driver.kind === 'systemd' ? '8' : '7')
  })

  test.runIf(holds('CPU'))('the limits of what runs can be changed, and lifted', async () => {
    const { group, run, read } = setGroup(driver, {})
    await run(programs.CPU_BURNER)
    expect(driver.reckon(group)?.throttled ?? 0).toBe(0)
    expect(driver.apply(group, { cpuPercent: 5, memoryBytes: 20 * MB, pids: 9 })).toEqual([])
    await until(() => (driver.reckon(group)?.throttled ?? 0) > 0)
    for (const memoryBytes of [40 * MB, 30 * MB, 60 * MB]) {
      expect(driver.apply(group, { memoryBytes })).toEqual([])
      expect(read('memory.limit_in_bytes', 'memory.max')).toBe(String(memoryBytes))
      expect(read('memory.memsw.limit_in_bytes') ?? String(memoryBytes)).toBe(String(memoryBytes))
    }
    expect(read('cpu.cfs_quota_us', 'cpu.max')).toMatch(/^(-1|max)\b/)
    expect(read('pids.max')).toBe('max')
    expect(driver.apply(group, {})).toEqual([])
    expect(read('memory.limit_in_bytes', 'memory.max')).toMatch(/^(max|9223372036854771712)$/)
  })

  // v1 does not take memory away from processes that cannot give it back; v2 kills for it.
  test.runIf(isOffered && ['cgroup-v1', 'hybrid'].includes(driver.kind))(
    'memory in use cannot be limited away, and that is said',
    async () => {
      const { group, run, read, scratch } = setGroup(driver, { memoryBytes: 100 * MB })
      const said = scratch('held')
      await run(programs.HOLDER, said)
      await until(() => existsSync(said))
      expect(driver.apply(group, { memoryBytes: 2 * MB })).toContainEqual({
        limit: 'memory',
        why: expect.stringContaining('EBUSY'),
      })
      expect(read('memory.limit_in_bytes')).toBe(String(100 * MB))
      expect(driver.reckon(group)?.memoryBytes).toBeGreaterThan(10 * MB)
    },
  )

  test.runIf(holds('disk') && disk !== undefined)(
    "the limits of a disk are the kernel's, and a disk that is not there is said",
    async () => {
      const device = disk ?? ''
      const limits = { device, readBytes: 10 * MB, writeBytes: 5 * MB, readOperations: 1000, writeOperations: 500 }
      const { group, run, read, joining } = setGroup(driver, { disk: [limits, { device: '4095:7', readBytes: MB }] })
      await run(programs.SLEEPER)
      expect(joining.unapplied).toEqual([{ limit: 'disk', why: expect.stringContaining('4095:7 is no whole disk of this host') }])
      // v2 has one line for all four; v1 a file for each.
      const v2 = `${device} rbps=${10 * MB} wbps=${5 * MB} riops=1000 wiops=500`
      expect(read('io.max') ?? v2).toBe(v2)
      expect(read('blkio.throttle.read_bps_device') ?? `${device} ${10 * MB}`).toBe(`${device} ${10 * MB}`)
      expect(read('blkio.throttle.write_bps_device') ?? `${device} ${5 * MB}`).toBe(`${device} ${5 * MB}`)
      expect(read('blkio.throttle.read_iops_device') ?? `${device} 1000`).toBe(`${device} 1000`)
      expect(read('blkio.throttle.write_iops_device') ?? `${device} 500`).toBe(`${device} 500`)
      // Another figure alone: the others are lifted.
      expect(driver.apply(group, { disk: [{ device, readBytes: MB }] })).toEqual([])
      expect(read('blkio.throttle.write_bps_device') ?? '').toBe('')
      expect(driver.apply(group, {})).toEqual([])
      expect(read('blkio.throttle.read_bps_device', 'io.max')).toBe('')
    },
  )

  // A mebibyte at a kibibyte a second takes 17 minutes; without a limit, no time.
  test.runIf(holds('disk') && disk !== undefined && isOnDisk(disk))(
    'a disk limit holds back what is written, until it is lifted',
    async () => {
      const held = setGroup(driver, { disk: [{ device: disk ?? '', writeBytes: 1024 }] })
      const free = setGroup(driver, {})
      const writer = await held.run(programs.DISK_WRITER, held.scratch('held'))
      await (await free.run(programs.DISK_WRITER, free.scratch('free'))).ended
      expect(statSync(free.scratch('free')).size).toBe(MB)
      expect(driver.processes(held.group)).toContain(writer.pid)
      expect(driver.apply(held.group, {})).toEqual([])
      await writer.ended
      expect(statSync(held.scratch('held')).size).toBe(MB)
    },
  )

  test.runIf(isOffered)(
    'processes that left their session, their parent and their environment are known, and killed',
    async () => {
      const { group, run } = setGroup(driver, {})
      await run(programs.STRAYS)
      await until(() => sleepers(driver.processes(group)) === 3)
      driver.kill(group)
      await until(() => driver.processes(group).length === 0)
    },
  )

  test.runIf(isOffered)('one kill ends processes that go on starting others', async () => {
    const { group, run } = setGroup(driver, {})
    const { ended } = await run(programs.FORKERS)
    await until(() => driver.processes(group).length >= 5)
    driver.kill(group)
    await ended
    await until(() => driver.processes(group).length === 0)
  })

  test.runIf(isOffered)('what is spared is left alone, and goes on', async () => {
    const { group, run } = setGroup(driver, {})
    const { pid } = await run(programs.STRAYS)
    await until(() => sleepers(driver.processes(group)) === 3)
    driver.kill(group, pid)
    await until(() => driver.processes(group).length === 1)
    expect(driver.processes(group)).toEqual([pid])
    // Not left standing still: it was held for a moment, and sleeps on.
    await until(() => / S /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))
  })

  test.runIf(isOffered && driver.kind !== 'systemd')('what an agent made of groups below its own is its own', async () => {
    const { group, run, joining } = setGroup(driver, {})
    const [own = ''] = joining.files.map((file) => file.replace(/\/cgroup\.procs$/, ''))
    await run(`mkdir "$1/inner"; sleep 1000 & echo "$!" >"$1/inner/cgroup.procs"; exec sleep 1000`, own)
    await until(() => sleepers(driver.processes(group)) === 2)
    expect(driver.remove(group)).toBe(false)
    driver.kill(group)
    await until(() => driver.remove(group))
    expect(existsSync(own)).toBe(false)
  })

  test.runIf(isOffered)('a group is there from its making to its removal, and its attempts are told apart', async () => {
    const first = setGroup(driver, {})
    const second = setGroup(driver, {})
    const other = setGroup(driver, {}, 'tasks-2')
    for (const each of [first, second, other]) await each.run(programs.SLEEPER)
    expect(driver.attemptsOf('tasks')).toEqual([first.group.attempt, second.group.attempt].sort())
    expect(driver.remove(first.group)).toBe(false)
    driver.kill(first.group)
    await until(() => driver.remove(first.group))
    expect(driver.attemptsOf('tasks')).toEqual([second.group.attempt])
    expect(driver.reckon(first.group)).toBeUndefined()
    expect(driver.processes(first.group)).toEqual([])
    expect(driver.remove(first.group)).toBe(true)
    expect(driver.processes(second.group)).toHaveLength(1)
  })

  test.runIf(isOffered && driver.kind !== 'systemd')('made twice, it is the same group', async () => {
    const { group, run, joining } = setGroup(driver, {})
    const { pid } = await run(programs.SLEEPER)
    expect(driver.prepare(group, {}).files).toEqual(joining.files)
    expect(driver.processes(group)).toEqual([pid])
  })

  test.runIf(isOffered && driver.kind !== 'cgroup-v1')('that the last process has left is told', async () => {
    const { group, run } = setGroup(driver, {})
    await run(programs.STRAYS)
    await until(() => sleepers(driver.processes(group)) === 3)
    const events = driver.eventsFile(group) ?? ''
    const told = new Promise<void>((resolve) => {
      const watcher = watch(events, () => {
        if (existsSync(events) && readFileSync(events, 'latin1').includes('populated 1')) return
        watcher.close()
        resolve()
      })
    })
    driver.kill(group)
    await told
    expect(driver.processes(group)).toEqual([])
  })

  test.runIf(isOffered)('limits of a group that is not there are not applied, and nothing is thrown', () => {
    const group = { agent: 'nobody', attempt: '000001-00000000' }
    const unapplied = driver.apply(group, { memoryBytes: 20 * MB, cpuPercent: 10, pids: 5 })
    expect(new Set(unapplied.map(({ limit }) => limit))).toEqual(new Set(['memory', 'CPU', 'pids']))
    driver.kill(group)
    expect(driver.processes(group)).toEqual([])
    expect(driver.attemptsOf('nobody')).toEqual([])
    expect(driver.reckon(group)).toBeUndefined()
    expect(driver.remove(group)).toBe(true)
  })

  test.runIf(isOffered && driver.kind !== 'systemd')('the last group takes its empty parents with it', async () => {
    const { group, joining } = setGroup(driver, {})
    const places = joining.files.map((file) => file.slice(0, file.indexOf(key) + key.length))
    expect(places.filter((place) => !existsSync(place))).toEqual([])
    expect(driver.remove(group)).toBe(true)
    expect(places.filter((place) => existsSync(place))).toEqual([])
  })
})

/** How many of the processes are `sleep`, and no longer the shell that was to become it. */
function sleepers(pids: readonly number[]): number {
  return pids.filter((pid) => readProc(`/proc/${pid}/comm`) === 'sleep\n').length
}

/** Whether files of a test are on that disk, and not in memory or on one of its partitions. */
function isOnDisk(device: string): boolean {
  const { dev } = statSync('/tmp')
  return device === `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`
}

test.skipIf(process.geteuid?.() === 0)('without root there are no groups to try', () => {
  expect(chooseDriver({ key }).kind).toBe('none')
})
