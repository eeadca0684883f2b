import { RegisterReply, type RegisterRequest, ROUTES } from '@bootagent/protocol'
import { crashPoint } from '@bootagent/runtime'
import type { MetafileStore } from '../state/metafile.ts'
import type { ExchangeSettings } from './exchange.ts'
import { askOne, askRound, type Round, type Servers } from './poll.ts'
import { RemoteError } from './remote-error.ts'

/** What a host says of itself besides its identity. */
export type Introduction = Omit<RegisterRequest, 'agentsn' | 'machine'>

/**
 * Registers this host once (seed 001, 启动注册接口). The identity it sends has been on disk since before the first byte was sent, so a
 * crash anywhere here asks again for the same host; what the server gives instead is on disk before it is used.
 */
export async function register(
  metafile: MetafileStore,
  introduction: Introduction,
  remote: { servers: Servers; settings: ExchangeSettings & { signal: AbortSignal } },
): Promise<Round<RegisterReply>> {
  const { agentsn, machine } = metafile.read().identity
  const body: RegisterRequest = { ...introduction, agentsn, machine }
  crashPoint('register:before-send')
  const round = await askRound(remote.servers, async (server) => {
    const reply = await askOne({ server, path: ROUTES.register.path }, { body, schema: RegisterReply }, remote.settings)
    if (reply.status !== 0) throw new RemoteError('denied', `the server refused to register this host (status ${reply.status})`)
    return reply
  })
  if (round.kind === 'silent') return round
  crashPoint('register:answered')
  const { reply } = round
  const given = reply.agentsn || agentsn
  await metafile.update((current) => ({
    ...current,
    identity: {
      ...current.identity,
      agentsn: given,
      source: given === agentsn ? current.identity.source : 'server',
      standing: 'registered',
    },
    tags: reply.tags ?? current.tags,
  }))
  crashPoint('register:recorded')
  return round
}
