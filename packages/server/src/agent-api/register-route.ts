import { crashPoint } from '@bootagent/runtime'
import { registerHost } from '../hosts/register-host.ts'
import type { Handler } from '../http/handler.ts'
import type { Transact } from '../stores.ts'
import type { World } from '../world.ts'

/** What the route needs. */
export interface RegisterDoor {
  readonly transact: Transact
  readonly world: World
  /** For new hosts. */
  readonly tags: string
}

/** `POST /agent/register`: who a host is from now on. */
export function registerRoute({ transact, world, tags }: RegisterDoor): Handler<'register'> {
  return async ({ body, request }) => {
    const registration = { request: body, address: request.ip, now: world.now(), tags, spare: world.newId() }
    const host = await transact(({ hosts }) => registerHost(hosts, registration))
    crashPoint('register:stored')
    if (host.agentsn !== body.agentsn)
      world.log.warn({ asked: body.agentsn, given: host.agentsn, from: request.ip }, 'clone renamed')
    return { status: 0, agentsn: host.agentsn, tags: host.tags }
  }
}
