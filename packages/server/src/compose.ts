import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  type Clock,
  createService,
  type FileLock,
  lockFile,
  type Log,
  makeDirectory,
  RuntimeError,
  type Service,
  silentLog,
  syncDirectory,
  systemClock,
  whenAborted,
} from '@bootagent/runtime'
import type { FastifyInstance } from 'fastify'
import { downloadRoute } from './agent-api/download-route.ts'
import { healthRoute } from './agent-api/health-route.ts'
import { registerRoute } from './agent-api/register-route.ts'
import { statusRoute } from './agent-api/status-route.ts'
import type { ServerConfig } from './config.ts'
import { type Database, openDatabase } from './db/database.ts'
import { migrate } from './db/migrate.ts'
import { ServerError } from './errors.ts'
import { buildApp } from './http/app.ts'
import { operatorGuard, refuseOpenDoor } from './http/auth.ts'
import type { Handlers } from './http/handler.ts'
import { eventRoutes } from './operator-api/event-routes.ts'
import { hostRoutes } from './operator-api/host-routes.ts'
import { jobRoutes } from './operator-api/job-routes.ts'
import { packageRoutes } from './operator-api/package-routes.ts'
import { type BlobStore, openBlobStore } from './packages/blob-store.ts'
import { sqlTransact } from './stores.sql.ts'
import type { World } from './world.ts'

/** The control server as a service. */
export interface Server extends Service {
  /** `http://127.0.0.1:8180`, where it listens; empty until it has started. */
  readonly url: string
}

/** What is taken from outside and may be replaced by a test. */
export interface Surroundings {
  readonly clock: Clock
  readonly newId: () => string
  readonly log: Log
}

const REAL: Surroundings = { clock: systemClock, newId: randomUUID, log: silentLog }

/** How long requests under way may take to end once the server is told to stop (ms). */
const GRACE = 5000

/**
 * Builds the server: the disk, the routes over it, the socket. It fails to start with a ServerError `cannot-start` or a
 * RuntimeError of the data directory.
 */
export function createServer(config: ServerConfig, surroundings: Partial<Surroundings> = {}): Server {
  const around = { ...REAL, ...surroundings }
  let url = ''
  const service = createService(async (signal, ready) => {
    refuseOpenDoor(config.listen.host, config.token)
    const disk = await openDisk(config.data, around.newId)
    try {
      const underWay = new Set<Promise<unknown>>()
      const settings = { guard: operatorGuard(config.token), log: around.log, underWay }
      const app = buildApp(composeHandlers(config, disk, worldOf(around)), settings)
      url = await listen(app, config)
      around.log.info({ url }, 'listening')
      ready()
      await whenAborted(signal)
      await closeApp(app, around.clock)
      await Promise.allSettled(underWay)
    } finally {
      await disk.db.destroy()
      disk.lock.release()
    }
  })
  return {
    start: service.start,
    stop: service.stop,
    ended: service.ended,
    get url() {
      return url
    },
  }
}

/** What is kept: records in the database, bytes in the blob store. */
interface Disk {
  readonly db: Database
  readonly blobs: BlobStore
  /** A second server on the same directory would sweep away what the first one is being sent. */
  readonly lock: FileLock
}

async function openDisk(data: string, newId: () => string): Promise<Disk> {
  await makeDirectory(data)
  const lock = lockData(data)
  try {
    const blobs = await openBlobStore(data, newId)
    return { db: await openMigrated(data), blobs, lock }
  } catch (error) {
    lock.release()
    throw error
  }
}

function lockData(data: string): FileLock {
  try {
    return lockFile(join(data, 'lock'))
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== 'locked') throw error
    throw new ServerError(
      'cannot-start',
      `another bootserver runs on ${data}: stop it first, or give this one a --data of its own`,
      error,
    )
  }
}

async function openMigrated(data: string): Promise<Database> {
  const db = openDatabase(join(data, 'bootserver.db'))
  try {
    await migrate(db)
    // SQLite syncs what it writes into the file; that the file is there at all is for us to sync.
    await syncDirectory(data)
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}

function worldOf({ clock, newId, log }: Surroundings): World {
  return { now: () => Math.floor(clock.now() / 1000), newId, log }
}

function composeHandlers(config: ServerConfig, { db, blobs }: Disk, world: World): Handlers {
  const { tags, publicUrl, maxPackage: maxBytes } = config
  const keep = { days: config.keepEvents, most: config.maxEvents }
  const transact = sqlTransact(db)
  return {
    register: registerRoute({ transact, world, tags }),
    status: statusRoute({ transact, world, tags, publicUrl, keep }),
    download: downloadRoute({ transact, blobs }),
    health: healthRoute(),
    ...hostRoutes(db, transact),
    ...eventRoutes(db),
    ...jobRoutes({ db, transact, world }),
    ...packageRoutes(db, { transact, blobs, now: world.now, maxBytes }),
  }
}

async function listen(app: FastifyInstance, { listen: { host, port } }: ServerConfig): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw new ServerError('cannot-start', `cannot listen on ${host}:${port}: ${(error as Error).message}`, error)
  }
  const bound = app.server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`
}

/** Requests under way are answered; who takes longer than the grace is cut off, and asks again. */
async function closeApp(app: FastifyInstance, clock: Clock): Promise<void> {
  const closed = new AbortController()
  const closing = app.close().finally(() => closed.abort())
  if (await clock.sleep(GRACE, closed.signal)) app.server.closeAllConnections()
  await closing
}
