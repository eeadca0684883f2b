import { crashPoint } from '@bootagent/runtime'
import type { Database } from '../db/database.ts'
import { ServerError } from '../errors.ts'
import type { Handlers } from '../http/handler.ts'
import { cancelJob } from '../jobs/cancel-job.ts'
import { createJob } from '../jobs/create-job.ts'
import type { Transact } from '../stores.ts'
import { listJobs, viewJob } from '../views/job-views.ts'
import type { World } from '../world.ts'

/** What the routes need. */
export interface JobDoor {
  readonly db: Database
  readonly transact: Transact
  readonly world: World
}

/** `GET` and `POST /api/v1/jobs`, `GET /api/v1/jobs/:id`, `POST /api/v1/jobs/:id/cancel`. */
export function jobRoutes({ db, transact, world }: JobDoor): Pick<Handlers, 'jobs' | 'job' | 'createJob' | 'cancelJob'> {
  const view = async (id: string) => (await viewJob(db, id)) ?? noJob(id)
  return {
    jobs: async () => ({ jobs: await listJobs(db) }),
    job: ({ params: { id = '' } }) => view(id),
    async createJob({ body: request }) {
      const order = { request, id: world.newId(), now: world.now() }
      const { id, action, name } = await transact((stores) => createJob(stores, order))
      crashPoint('job:created')
      world.log.info({ id, action, name }, 'job created')
      return view(id)
    },
    async cancelJob({ params: { id: job = '' }, body: order }) {
      const request = { job, order, id: world.newId(), now: world.now() }
      const { id, name } = await transact(({ jobs }) => cancelJob(jobs, request))
      crashPoint('cancel:created')
      world.log.info({ id, job, name }, 'cancel created')
      return view(id)
    },
  }
}

function noJob(id: string): never {
  throw new ServerError('not-found', `there is no job ${id.slice(0, 127)}`)
}
