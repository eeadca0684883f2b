import type { Moment, NetworkFault } from './fault-proxy.ts'

/** One thing that goes wrong between a host and its server while a job is given, done and answered. */
export interface NetworkCase {
  readonly fault: NetworkFault
  readonly at: Moment
  /** How many exchanges in a row it befalls; one when absent. */
  readonly times?: number
  /** The agents to be installed, by one job each; `tiny` alone when absent. */
  readonly agents?: readonly string[]
}

/** Bytes of a message at which it is cut: none, the first, in its head, in its body, all but the last. */
const CUTS: Readonly<Record<string, (length: number) => number>> = {
  'before its first byte': () => 0,
  'after its first byte': () => 1,
  'after a quarter': (length) => Math.floor(length / 4),
  'after the half': (length) => Math.floor(length / 2),
  'after three quarters': (length) => Math.floor((length * 3) / 4),
  'before its last byte': (length) => length - 1,
}

const cutsOf = (part: 'request' | 'answer', at: Moment): Record<string, NetworkCase> =>
  Object.fromEntries(Object.entries(CUTS).map(([name, cut]) => [name, { fault: { [part]: cut }, at }]))

const threeTimes = (one: NetworkCase): Record<string, NetworkCase> => ({
  once: one,
  'three times in a row': { ...one, times: 3 },
})

const lost = { answer: () => 0 }

/** What the network does, by scenario and case. After each the host runs what was asked for, once, and the server knows it by one result. */
export const NETWORK_FAULTS: Readonly<Record<string, Readonly<Record<string, NetworkCase>>>> = {
  'the answer that brings a job is cut': cutsOf('answer', 'offer'),
  'the report that brings a result is cut': cutsOf('request', 'result'),
  'the answer to a result is cut': cutsOf('answer', 'result'),
  'the answer that brings a job is lost': threeTimes({ fault: lost, at: 'offer' }),
  'the answer to a result is lost': threeTimes({ fault: lost, at: 'result' }),
  'a report comes to the server twice': {
    'that is answered by a job': { fault: { copies: 2 }, at: 'any' },
    'that brings a result': { fault: { copies: 2 }, at: 'result' },
    'that brings a result, and its answer is lost': { fault: { copies: 3, ...lost }, at: 'result' },
  },
  'an answer comes to the host twice': {
    'that brings a job': { fault: { twice: true }, at: 'offer' },
    'to a result': { fault: { twice: true }, at: 'result' },
  },
  'a report comes after the one that followed it': {
    'before the job is given': { fault: { late: true }, at: 'any' },
    'with a result': { fault: { late: true }, at: 'result' },
  },
  'jobs come': {
    'twice in one answer': { fault: { jobs: (jobs) => [...jobs, ...jobs] }, at: 'offer' },
    'in the other order': { fault: { jobs: (jobs) => jobs.toReversed() }, at: 'offer', agents: ['tiny', 'small'] },
    'one by one, the last first': { fault: { jobs: (jobs) => jobs.slice(-1) }, at: 'offer', agents: ['tiny', 'small'] },
  },
  'all takes its time': {
    'half a second each way, with a job': { fault: { latency: 500 }, at: 'offer' },
    'half a second each way, with a result': { fault: { latency: 500 }, at: 'result' },
  },
}

/** Where the server is killed while a host waits for its answer, and in which exchange. */
export interface ServerKill {
  /** A place in the server's code: the first time that it passes there. */
  readonly point: string
  readonly at: Moment
}

/** Kills of the server, by what it was about to say or had been told. */
export const SERVER_KILLS: Readonly<Record<string, ServerKill>> = {
  'before it has stored a report that it would have answered by a job': { point: 'status:before-store', at: 'any' },
  'with the job in its answer': { point: 'status:stored', at: 'any' },
  'before it has stored a result': { point: 'status:before-store', at: 'result' },
  'after it has stored a result': { point: 'status:stored', at: 'result' },
}
