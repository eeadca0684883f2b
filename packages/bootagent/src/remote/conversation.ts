import { formatServer, type StatusReply } from '@bootagent/protocol'
import type { ExchangeSettings } from './exchange.ts'
import { poll, type Round, type Servers, type Silence } from './poll.ts'
import { register, type Introduction } from './register.ts'
import { allServers } from './rounds.ts'
import { composeReport, type ReportFacts } from './report.ts'
import type { Carried } from '../job/outbox.ts'
import type { MetafileStore } from '../state/metafile.ts'

/** What the host's side of the talk is built from. */
export interface ConversationParts {
  readonly metafile: MetafileStore
  /** The list baked in at build time. */
  readonly baked: string
  readonly introduction: Introduction
  readonly exchange: ExchangeSettings
  /** Looks at the host, for the report that is about to be sent. */
  readonly facts: () => Promise<ReportFacts>
  /** Makes durable what an answer means, before anyone else is spoken to; false when the disk keeps us waiting for that. */
  readonly settle: (answered: Answered) => Promise<boolean>
  readonly onRegistered: (server: string) => void
}

/** An answered report: who answered, with what, and what the report had carried. */
export interface Answered {
  readonly server: string
  readonly reply: StatusReply
  readonly carried: Carried
}

/** What one report came to; `settled` is false where the disk has not taken yet what the answer means. */
export type Told =
  | { readonly kind: 'answered'; readonly answered: Answered; readonly settled: boolean }
  | ({ readonly kind: 'silent' } & Silence)

/** The host's side of the talk with its servers: one exchange at a time, staying with the server that answered last. */
export interface Conversation {
  /** Registers if need be, reports, and settles the answer. */
  tell(signal: AbortSignal): Promise<Told>
  /**
   * Brings a server, which need not be one of ours any more, the results that are owed to it; true once it is on record that it has them. What it asks for
   * in return is not taken: the host has one server at a time.
   */
  tellOwed(server: string, results: readonly string[], signal: AbortSignal): Promise<boolean>
  /** Reports to the servers of a list that is not ours yet; true once one of them has answered. */
  tryServers(list: string, signal: AbortSignal): Promise<boolean>
}

export function createConversation(parts: ConversationParts): Conversation {
  let current = 0
  let speaking: Promise<unknown> = Promise.resolve()

  /** Two reports under way at once would carry the same results twice and settle in any order. */
  function oneAtATime<Result>(speak: () => Promise<Result>): Promise<Result> {
    const spoken = speaking.then(speak)
    speaking = spoken.catch(() => undefined)
    return spoken
  }

  async function report(servers: Servers, signal: AbortSignal): Promise<{ round: Round<StatusReply>; told: Told }> {
    const { report: body, carried } = composeReport(await parts.facts())
    const round = await poll(servers, body, { ...parts.exchange, signal })
    if (round.kind === 'silent') return { round, told: round }
    const server = formatServer(round.server)
    const answered: Answered = { server, reply: round.reply, carried: { ...carried, to: server } }
    return { round, told: { kind: 'answered', answered, settled: await parts.settle(answered) } }
  }

  return {
    tell(signal) {
      return oneAtATime(async () => {
        const list = allServers(parts.metafile.read().svrlist, parts.baked)
        const servers = { list, current: current % Math.max(1, list.length) }
        if (parts.metafile.read().identity.standing === 'claimed') {
          const round = await register(parts.metafile, parts.introduction, { servers, settings: { ...parts.exchange, signal } })
          if (round.kind === 'silent') return round
          current = round.index
          parts.onRegistered(formatServer(round.server))
        }
        const { round, told } = await report({ list, current }, signal)
        if (round.kind === 'answered') current = round.index
        return told
      })
    },
    tellOwed(server, results, signal) {
      return oneAtATime(async () => {
        const { report: body, carried } = composeReport({ ...(await parts.facts()), owed: results })
        const round = await poll({ list: allServers(server, ''), current: 0 }, body, { ...parts.exchange, signal })
        if (round.kind === 'silent') return false
        return parts.settle({ server, reply: { status: 0, jobs: [], tags: undefined }, carried: { ...carried, to: server } })
      })
    },
    tryServers(list, signal) {
      return oneAtATime(async () => {
        const { round, told } = await report({ list: allServers(list, ''), current: 0 }, signal)
        // The new list takes the old one's place in a moment: we stay with its server that answered.
        if (round.kind === 'answered') current = round.index
        return told.kind === 'answered'
      })
    },
  }
}
