import { type CreateJob, ROUTES, StatusReply } from '@bootagent/protocol'
import { silentLog } from '@bootagent/runtime'
import { registerRoute } from '../../../packages/server/src/agent-api/register-route.ts'
import { statusRoute } from '../../../packages/server/src/agent-api/status-route.ts'
import { cancelJob } from '../../../packages/server/src/jobs/cancel-job.ts'
import { createJob } from '../../../packages/server/src/jobs/create-job.ts'
import type { LastReport } from '../../../packages/server/src/hosts/host.ts'
import type { Assignment, FleetJob } from '../../../packages/server/src/jobs/job.ts'
import { ServerError } from '../../../packages/server/src/errors.ts'
import { readInput } from '../../../packages/server/src/http/read-input.ts'
import type { Stores } from '../../../packages/server/src/stores.ts'
import { EPOCH } from '../host/machine.ts'
import type { Plant } from '../planted/plant.ts'
import { type Chance, openChance } from '../world/chance.ts'
import type { Warehouse } from '../world/packages.ts'
import type { Time } from '../world/time.ts'
import { type DurableStores, openDurableStores, type Write } from './stores.ts'

/** The control server of a simulated fleet: its own routes and use cases over stores in memory that keep what was committed. */
export interface SimulatedServer {
  readonly stores: DurableStores
  /** By host and job: what is committed. */
  readonly assignments: ReadonlyMap<string, Assignment>
  readonly reports: ReadonlyMap<string, LastReport>
  readonly isUp: () => boolean
  /** Answers one request, or never, when the server dies over it. */
  answer(path: string, body: unknown): Promise<unknown>
  order(request: CreateJob): Promise<FleetJob | { readonly refused: string }>
  cancel(job: string | undefined): Promise<void>
  /** Dies at its `writes`-th write from now, or at once. */
  crashAfter(writes: number, backIn: number): void
  /** No crash waits any more, and it is up. */
  heal(): void
}

/** What a simulated server is made of, and whom it tells. */
export interface ServerParts {
  readonly seed: number
  readonly time: Time
  readonly warehouse: Warehouse
  readonly say: (what: string) => void
  readonly plant: Plant
}

export function simulateServer({ plant, seed, time, warehouse, say }: ServerParts): SimulatedServer {
  const chance: Chance = openChance(seed, 'server')
  const assignments = new Map<string, Assignment>()
  const reports = new Map<string, LastReport>()
  let up = true
  let crash: { left: number; readonly backIn: number } | undefined

  function die(backIn: number): void {
    crash = undefined
    if (!up) return
    up = false
    say('the server dies')
    stores.crash()
    time.after(backIn * 1000, () => {
      if (up) return
      up = true
      say('the server is back')
    })
  }

  function beforeWrite(): void {
    if (crash === undefined) return
    crash.left -= 1
    if (crash.left <= 0) die(crash.backIn)
  }

  function onCommit(writes: readonly Write[]): void {
    for (const { store, method, args } of writes) {
      const [first, second] = args
      if (store === 'hosts' && method === 'saveReport') reports.set(first as string, second as LastReport)
      if (store !== 'jobs') continue
      if (method === 'save') assignments.set(assignmentKey(first as Assignment), first as Assignment)
      if (method !== 'add') continue
      const job = first as FleetJob
      for (const { agentsn } of second as readonly { agentsn: string }[])
        assignments.set(assignmentKey({ agentsn, job }), { agentsn, job, state: 'queued' })
    }
  }

  const stores = openDurableStores(beforeWrite, onCommit)
  const world = { now: () => Math.floor((EPOCH + time.now()) / 1000), newId: () => chance.uuid(), log: silentLog }
  const door = { transact: plant.transact?.(stores.transact, time) ?? stores.transact, world, tags: '' }
  const register = registerRoute(door)
  const status = statusRoute({ ...door, keep: { days: 90, most: 1000 }, publicUrl: 'http://control:8180' })
  void stores.transact(async ({ packages }: Stores) => {
    for (const { record } of warehouse.all) await packages.add(record)
  })

  async function answer(path: string, body: unknown): Promise<unknown> {
    const request = { ip: '192.0.2.1', host: 'control:8180' }
    const call = { params: {}, query: {}, request, reply: undefined }
    if (path === ROUTES.register.path) {
      return await register({ ...call, body: readInput(ROUTES.register.request, body) } as unknown as Parameters<
        typeof register
      >[0])
    }
    const report = readInput(ROUTES.status.request, body)
    const reply = await status({ ...call, body: report } as unknown as Parameters<typeof status>[0])
    return readInput(StatusReply, reply)
  }

  return {
    stores,
    assignments,
    reports,
    isUp: () => up,
    answer,
    async order(request) {
      try {
        return await stores.transact((desk) => createJob(desk, { request, id: chance.uuid(), now: world.now() }))
      } catch (error) {
        return refusedBy(error)
      }
    },
    async cancel(job) {
      if (job === undefined || !up) return
      const cancel = { job, order: {}, id: chance.uuid(), now: world.now() }
      const made = await stores.transact(({ jobs }) => cancelJob(jobs, cancel)).catch(refusedBy)
      say('refused' in made ? `refuses: ${made.refused}` : `job ${made.id}`)
    },
    crashAfter(writes, backIn) {
      if (writes === 0) die(backIn)
      else if (up) crash = { left: writes, backIn }
    },
    heal() {
      crash = undefined
      up = true
    },
  }
}

function refusedBy(error: unknown): { readonly refused: string } {
  if (!(error instanceof ServerError)) throw error
  return { refused: error.message }
}

export function assignmentKey({ agentsn, job }: { agentsn: string; job: { id: string } }): string {
  return `${agentsn} ${job.id}`
}
