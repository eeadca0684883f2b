import { MAX_REPORT_BYTES, type StatusReport } from '@bootagent/protocol'
import type { Exchange } from '../../../packages/bootagent/src/remote/exchange.ts'
import { RemoteError } from '../../../packages/bootagent/src/remote/remote-error.ts'
import type { Life } from '../host/machine.ts'
import type { SimulatedServer } from '../server/server.ts'
import type { Chance } from './chance.ts'
import type { Time } from './time.ts'

/** What the way between a host and its server can do to an exchange. */
export type NetworkFault =
  /** The request never comes. */
  | 'lost before'
  /** The request is answered, and the answer never comes. */
  | 'lost after'
  /** The answer comes in part. */
  | 'cut'
  /** The request comes twice, the second time long after. */
  | 'doubled'
  | 'slow'
  /** Now one of them, now another, now none. */
  | 'bad'

/** What something between does to the jobs of an answer: a host takes them as they come. */
export type ReplyFault =
  | 'doubled'
  | 'reversed'
  | 'mixed'
  /** Every job that was ever offered to this host comes again. */
  | 'old again'

/** The way as it is now. */
export interface Weather {
  network: NetworkFault | undefined
  reply: ReplyFault | undefined
}

/** What one host's way to its server is made of. */
export interface WayParts {
  readonly time: Time
  readonly life: Life
  readonly server: SimulatedServer
  readonly chance: Chance
  readonly weather: Weather
  readonly say: (what: string) => void
  /** Told of every report as the host sends it, and of every answer as the host gets it. */
  readonly sent: (report: StatusReport) => void
  readonly answered: (report: StatusReport) => void
  /** Jobs that nobody at the server asked for, added to the next answer. */
  readonly strangeJobs: () => readonly unknown[]
  /** Every job that was offered before, as it was. */
  readonly offered: unknown[]
}

const CONTROL = 'control'

/** Carries exchanges by the simulated network. */
export function simulateWay(parts: WayParts): Exchange {
  const { chance, life, server, time } = parts

  /** The server at the other end of a request; undefined when it dies over it. */
  async function ask(path: string, text: string): Promise<string | undefined> {
    if (!server.isUp()) return undefined
    return JSON.stringify(await server.answer(path, JSON.parse(text)))
  }

  return (to, body, { signal }) => {
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Exchange>>>()
    const settle = (does: () => void) => {
      if (life.alive) does()
    }
    const fail = (code: RemoteError['code'], message: string) => settle(() => reject(new RemoteError(code, message)))
    signal.addEventListener('abort', () => fail('cut', 'the exchange was called off'), { once: true })
    const text = JSON.stringify(body)
    const isReport = to.path.endsWith('/status')
    if (Buffer.byteLength(text) > MAX_REPORT_BYTES) fail('report-too-large', 'the report is too large')
    else if (to.server.host !== CONTROL) time.after(20, () => fail('unreachable', 'nothing listens there'))
    else {
      if (isReport) parts.sent(JSON.parse(text) as StatusReport)
      void carry()
    }
    return promise

    async function carry(): Promise<void> {
      const fault = faultNow(parts)
      const slowness = fault === 'slow' ? chance.whole(1000, 25_000) : chance.whole(1, 40)
      if (fault === 'lost before') {
        time.after(10_000, () => fail('timeout', 'no connection within 10 s'))
        return
      }
      if (fault === 'doubled') time.after(chance.whole(100, 400_000), () => void ask(to.path, text))
      time.after(slowness, () => void arrive(fault))
    }

    async function arrive(fault: NetworkFault | undefined): Promise<void> {
      if (!server.isUp()) return fail('unreachable', 'nothing listens there (connection refused)')
      // Should it die over the request, nothing comes any more.
      const callOff = time.after(30_000, () => fail('timeout', 'no whole answer within 30 s'))
      const answer = await ask(to.path, text)
      if (answer === undefined) return
      time.after(fault === 'slow' ? chance.whole(10, 4000) : chance.whole(1, 40), () => {
        callOff()
        if (fault === 'lost after' || fault === 'cut') return fail('cut', 'the connection ended in the middle of the answer')
        settle(() => {
          if (isReport) parts.answered(JSON.parse(text) as StatusReport)
          resolve({ value: isReport ? garble(parts, JSON.parse(answer) as Reply) : JSON.parse(answer), headers: {} })
        })
      })
    }
  }
}

interface Reply {
  readonly jobs?: readonly unknown[]
}

function faultNow({ chance, weather }: WayParts): NetworkFault | undefined {
  if (weather.network !== 'bad') return weather.network
  const drawn = chance.pick(['lost before', 'lost after', 'cut', 'doubled', 'slow', undefined, undefined] as const)
  return drawn
}

function garble({ chance, offered, strangeJobs, weather }: WayParts, reply: Reply): Reply {
  const jobs = [...(reply.jobs ?? []), ...strangeJobs()]
  const garbled = weather.reply === undefined ? jobs : GARBLED[weather.reply](jobs, { chance, offered: [...offered] })
  offered.push(...jobs)
  return { ...reply, jobs: garbled }
}

type Garble = (jobs: readonly unknown[], by: { chance: Chance; offered: readonly unknown[] }) => readonly unknown[]

const GARBLED: Readonly<Record<ReplyFault, Garble>> = {
  'old again': (jobs, { offered }) => [...offered, ...jobs],
  doubled: (jobs) => jobs.flatMap((job) => [job, job]),
  reversed: (jobs) => jobs.toReversed(),
  mixed: (jobs, { chance }) =>
    [...jobs, ...jobs]
      .map((job) => [chance.fraction(), job] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, job]) => job),
}
