import { expect, test } from 'vitest'
import type { Stores } from '../stores.ts'
import type { Assignment, FleetJob } from './job.ts'

/** What every {@link JobStore} promises; `make` gives empty stores. */
export function jobStoreContract(make: () => Promise<Stores>): void {
  test('a new job is queued for each of its hosts, and for no other', async () => {
    const { jobs } = await withHosts(make)
    await jobs.add(JOB, [{ agentsn: 'sn-1' }, { agentsn: 'sn-2' }])
    expect(await jobs.find('sn-1', 'j-1')).toEqual({ job: JOB, agentsn: 'sn-1', state: 'queued' })
    expect(await jobs.find('sn-2', 'j-1')).toEqual({ job: JOB, agentsn: 'sn-2', state: 'queued' })
    expect(await jobs.find('sn-3', 'j-1')).toBeUndefined()
    expect(await jobs.find('sn-1', 'j-2')).toBeUndefined()
  })

  test('the last position is that of the newest job, and 0 before the first', async () => {
    const { jobs } = await withHosts(make)
    expect(await jobs.lastPosition()).toBe(0)
    await jobs.add(JOB, [{ agentsn: 'sn-1' }])
    await jobs.add({ ...JOB, id: 'j-7', position: 7 }, [{ agentsn: 'sn-2' }])
    expect(await jobs.lastPosition()).toBe(7)
  })

  test('what is saved of an assignment is found, the outcome included', async () => {
    const { jobs } = await withHosts(make)
    await jobs.add(JOB, [{ agentsn: 'sn-1' }, { agentsn: 'sn-2' }])
    const progress = { id: 'j-1', action: 'stop', name: 'metrics', stage: 'stop it' }
    const running: Assignment = { job: JOB, agentsn: 'sn-1', state: 'running', progress }
    await jobs.save(running)
    expect(await jobs.find('sn-1', 'j-1')).toEqual(running)
    const outcome = { errcode: 30_040_003, message: 'it would not end', finished: 300 }
    const failed: Assignment = { job: JOB, agentsn: 'sn-1', state: 'failed', outcome }
    await jobs.save(failed)
    expect(await jobs.find('sn-1', 'j-1')).toEqual(failed)
    expect((await jobs.find('sn-2', 'j-1'))?.state).toBe('queued')
  })

  test('the open jobs of a host are its oldest without a result, in the order of their positions', async () => {
    const { jobs } = await withHosts(make)
    for (const position of [3, 1, 4, 2])
      await jobs.add({ ...JOB, id: `j-${position}`, position, created: 9 - position }, [{ agentsn: 'sn-1' }])
    await jobs.add({ ...JOB, id: 'j-5', position: 5 }, [{ agentsn: 'sn-2' }])
    const oldest = await jobs.find('sn-1', 'j-1')
    if (oldest !== undefined)
      await jobs.save({ ...oldest, state: 'succeeded', outcome: { errcode: 0, message: '', finished: 1 } })
    expect((await jobs.open('sn-1', 50)).map((each) => each.job.id)).toEqual(['j-2', 'j-3', 'j-4'])
    expect((await jobs.open('sn-1', 2)).map((each) => each.job.id)).toEqual(['j-2', 'j-3'])
  })

  test('of the open jobs cancels come first, however many are older', async () => {
    const { jobs } = await withHosts(make)
    await jobs.add(JOB, [{ agentsn: 'sn-1' }])
    for (const position of [2, 3])
      await jobs.add({ ...JOB, id: `c-${position}`, position, action: 'cancel', settings: { job: 'j-1' } }, [{ agentsn: 'sn-1' }])
    expect((await jobs.open('sn-1', 50)).map((each) => each.job.id)).toEqual(['c-2', 'c-3', 'j-1'])
    expect((await jobs.open('sn-1', 2)).map((each) => each.job.id)).toEqual(['c-2', 'c-3'])
  })

  test('all shares in a job are found, whatever their states', async () => {
    const { jobs } = await withHosts(make)
    await jobs.add(JOB, [{ agentsn: 'sn-2' }, { agentsn: 'sn-1' }])
    await jobs.save({ job: JOB, agentsn: 'sn-2', state: 'running' })
    expect((await jobs.ofJob('j-1')).map(({ agentsn, state }) => `${agentsn} ${state}`)).toEqual(['sn-1 queued', 'sn-2 running'])
    expect(await jobs.ofJob('j-2')).toEqual([])
  })

  test('a job for more hosts than one statement takes reaches the last of them', async () => {
    const { hosts, jobs } = await make()
    const names = Array.from({ length: 1001 }, (_, at) => `sn-${at}`)
    for (const agentsn of names) await hosts.add({ agentsn, hostname: agentsn, tags: '', version: '', registered: 1 })
    await jobs.add(
      JOB,
      names.map((agentsn) => ({ agentsn })),
    )
    expect((await jobs.find('sn-0', 'j-1'))?.state).toBe('queued')
    expect((await jobs.find('sn-1000', 'j-1'))?.state).toBe('queued')
  })
}

const JOB: FleetJob = { id: 'j-1', position: 1, action: 'stop', name: 'metrics', created: 100, settings: { deadline: 500 } }

/** A job is for hosts that exist. */
async function withHosts(make: () => Promise<Stores>): Promise<Stores> {
  const stores = await make()
  for (const agentsn of ['sn-1', 'sn-2']) {
    await stores.hosts.add({ agentsn, hostname: agentsn, tags: '', version: '', registered: 1 })
  }
  return stores
}
