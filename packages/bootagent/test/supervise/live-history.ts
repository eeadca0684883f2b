import type { RestartSettings } from '@bootagent/protocol'
import { changeAgent, type Metafile, NEW_AGENT, newMetafile, readMetafile } from '../../src/state/metafile-schema.ts'
import { type Attempt, spreadOf } from '../../src/supervise/attempt.ts'
import { countRestart, endingOf, isOnRecord, type LastSeen, recordExit } from '../../src/supervise/exit-record.ts'
import { policyFor, type RestartPolicy } from '../../src/supervise/restart-policy.ts'
import { type ReasonedWish, wishOf } from '../../src/supervise/wish.ts'
import type { Deed, End, History } from './deeds.ts'
import { createSeedRule, type Death, type SeedRule } from './seed-rule.ts'

const NAME = 'metrics'
const RELEASES = ['1-aaaaaaaa', '2-bbbbbbbb'] as const
const DAY = 86_400
/** For sums of fractions. */
const A_HAIR = 1e-6

/** What came of a history, for comparing two. */
export interface Outcome {
  readonly starts: readonly number[]
  readonly strikes: number
  readonly fatal: boolean
  readonly restarts: number
}

/**
 * Lives through a history: the real reducers decide, on an imaginary host with a virtual clock, and the naive rule looks over
 * their shoulder. Throws at the first thing the rule forbids; `tell` hears the story.
 */
export function liveHistory(history: History, tell: (line: string) => void = () => undefined): Outcome {
  const life = new ImaginaryHost(history, tell)
  for (const deed of history.deeds) life.happens(deed)
  life.rest(2 * DAY)
  return life.outcome()
}

/** An attempt, and its process while it is there. */
interface Running {
  attempt: Attempt
  readonly startedAt: number
  /** How its process ended; undefined while it is there. */
  end: End | undefined
}

class ImaginaryHost {
  readonly #policy: RestartPolicy
  readonly #rule: SeedRule
  readonly #tell: (line: string) => void
  readonly #starts: number[] = []
  #metafile: Metafile
  #boot = 1
  /** Seconds since boot, in hundredths as the kernel counts. */
  #now = 30
  #wall = 1_700_000_000
  #number = 0
  #last: Running | undefined
  #seen: LastSeen | undefined
  #obstacle: { until: number; why: string } | undefined
  #hinderedUntil = 0
  #restarts = 0
  /** Since when nothing but the rule stands in the way of a start; never, while we were not always there. */
  #free = Number.POSITIVE_INFINITY

  constructor({ host, releases }: History, tell: (line: string) => void) {
    this.#policy = { ...host, grace: 60 }
    this.#tell = tell
    const numbers = new Map(RELEASES.map((id, index) => [id as string, { ...host, ...releases[index] }]))
    this.#rule = createSeedRule(
      (release) => numbers.get(release) ?? host,
      () => this.#record().release ?? '',
    )
    this.#metafile = metafileOf(releases)
  }

  outcome(): Outcome {
    if (this.#wish().wish === 'run' && !this.#runs()) throw new Error('it is wanted running, and nothing stands in the way')
    const { strikes, fatal, restarts } = this.#record()
    return { starts: this.#starts, strikes, fatal, restarts }
  }

  happens(deed: Deed): void {
    this.#tell(`${this.#now.toFixed(2)} ${JSON.stringify(deed)}`)
    const bring = this.#deeds[deed.kind] as (deed: Deed) => void
    bring(deed)
    this.#pass()
  }

  readonly #deeds: { readonly [Kind in Deed['kind']]: (deed: Extract<Deed, { kind: Kind }>) => void } = {
    life: ({ seconds, end, unnoticed }) => {
      if (!this.#runs()) this.rest(DAY)
      if (!this.#runs()) return
      this.#pass()
      this.#skip(seconds)
      this.#end(end)
      if (unnoticed > 0) this.#skip(Math.min(unnoticed, this.#policy.check))
    },
    wait: ({ seconds }) => this.rest(seconds),
    stop: () => {
      this.#want('stopped')
      this.#pass()
      this.#end('asked')
    },
    start: () => {
      this.#pass()
      this.#end('asked')
      this.#pass()
      this.#want('running')
      this.#obstacle = undefined
      this.#launch('asked')
    },
    'half-reset': () => {
      this.#want('running')
      this.#reload()
    },
    release: ({ orderly }) => {
      this.#pass()
      if (orderly) this.#end('asked')
      this.#pass()
      const release = RELEASES[this.#record().release === RELEASES[0] ? 1 : 0]
      this.#change((agent) => ({ ...agent, release, previous: agent.release, strikes: 0, fatal: false }))
      this.#rule.forgiven()
      this.#free = this.#now
      if (!orderly) this.#reload()
    },
    reboot: () => {
      this.#boot += 1
      this.#now = 25
      this.#last = undefined
      this.#hinderedUntil = 0
      this.#reload()
    },
    death: ({ down, end }) => {
      if (this.#runs()) this.#pass()
      this.#free = Number.POSITIVE_INFINITY
      this.#skip(down / 2)
      if (end !== undefined) this.#end(end)
      this.#skip(down / 2)
      this.#reload()
    },
    clock: ({ days }) => {
      this.#wall += days * DAY
    },
    hindered: ({ seconds }) => {
      this.#hinderedUntil = this.#now + seconds
    },
  }

  /** Passes as often as the keeper makes them, until something runs or nothing will, or the time is over. */
  rest(seconds: number): void {
    for (const over = this.#now + seconds; ; ) {
      const wish = this.#pass()
      if (this.#runs() || (wish.wish !== 'wait' && wish.wish !== 'run')) return
      const { check } = this.#settings()
      const next = Math.min(this.#now + check, wish.until ?? Number.POSITIVE_INFINITY, over)
      if (next <= this.#now) return
      this.#skip(next - this.#now)
    }
  }

  /** What one pass of the keeper does. */
  #pass(): ReasonedWish {
    this.#recordEnd()
    const wish = this.#wish()
    if (this.#runs() && this.#last !== undefined) this.#seen = { attempt: this.#last.attempt.id, at: this.#now }
    else this.#judge(wish)
    if (wish.wish === 'run' && !this.#runs()) this.#launch('policy')
    this.#compare()
    return wish
  }

  #wish(): ReasonedWish {
    const record = this.#record()
    const exit = record.exits.at(-1)?.attempt ?? ''
    const requested = this.#last?.attempt.id === exit && this.#last.attempt.stopping
    return wishOf({
      record,
      held: false,
      obstacle: this.#obstacle,
      policy: this.#settings(),
      last: { requested, spread: spreadOf(exit) },
      bootid: `boot-${this.#boot}`,
      now: this.#now,
    })
  }

  #recordEnd(): void {
    const last = this.#last
    if (last === undefined || this.#runs() || isOnRecord(this.#record(), last.attempt)) return
    const { attempt, end } = last
    const oomKills = end === 'oom' ? 1 : 0
    const ending = endingOf(attempt, { seen: this.#seen, now: this.#now, oomKills, became: end !== 'missing' })
    const record = recordExit(NAME, { attempt, ending, policy: this.#policy, time: this.#wall })
    this.#metafile = record(this.#metafile)
    if (record(this.#metafile) !== this.#metafile) throw new Error('an exit was counted twice')
    const death = this.#deathOf(last)
    this.#rule.died(death)
    this.#free = this.#now
    this.#tell(`${this.#now.toFixed(2)} recorded ${JSON.stringify(this.#record().exits.at(-1))}: ${this.#record().strikes}`)
    const exit = this.#record().exits.at(-1)
    if ((exit?.cause === undefined) === exit?.abnormal) throw new Error('a failure has a cause, and nothing else has one')
  }

  #deathOf({ attempt, startedAt, end }: Running): Death {
    const { release, boot, exit } = attempt
    // What nobody saw end is known to have lived until it was last seen.
    const until = exit?.at ?? (this.#seen?.attempt === attempt.id ? this.#seen.at : startedAt)
    const lived = until - startedAt
    return { release, boot, lived, at: exit?.at ?? this.#now, by: byOf(end, exit?.status, lived) }
  }

  #launch(by: 'policy' | 'asked'): void {
    if (this.#now < this.#hinderedUntil) {
      this.#obstacle = { until: this.#now + this.#settings().check, why: 'the host has no processes left' }
      return
    }
    const release = this.#record().release ?? ''
    const boot = `boot-${this.#boot}`
    if (by === 'policy') this.#mayStart(boot, release)
    // In its own words, not the product's: what it compares with must be able to differ.
    const last = this.#record().exits.at(-1)
    if (by === 'policy' && last?.abnormal === true && last.bootid === boot) {
      this.#restarts += 1
      this.#metafile = countRestart(NAME, this.#record().restarts + 1)(this.#metafile)
    }
    this.#number += 1
    const nonce = Math.imul(this.#number + Math.round(this.#now * 100), 0x9e3779b1) >>> 0
    const identity = { pid: this.#number, started: Math.round(this.#now * 100) }
    const id = `${String(this.#number).padStart(6, '0')}-${nonce.toString(16).padStart(8, '0')}`
    const attempt: Attempt = { id, directory: '', boot, release, shim: identity, main: identity, stopping: false, ready: true }
    this.#last = { attempt, startedAt: this.#now, end: undefined }
    this.#free = Number.POSITIVE_INFINITY
    this.#starts.push(this.#now)
    this.#tell(`${this.#now.toFixed(2)} started ${id} of ${release}, ${by}`)
  }

  /** What the rule forbids of a start that nobody asked for. */
  #mayStart(boot: string, release: string): void {
    if (this.#record().wanted === 'stopped') throw new Error('started although it is to be stopped')
    if (this.#rule.fatal()) throw new Error('started although it was given up')
    const next = this.#rule.nextStart(boot, release)
    if (next === 'never') throw new Error('started after an end that is no failure')
    if (this.#now < next.notBefore - A_HAIR) throw new Error(`started at ${this.#now}, not before ${next.notBefore}`)
    // What the host refused is tried again by the check of the release it was refused to.
    const refused = Math.max(this.#hinderedUntil, this.#obstacle?.until ?? 0)
    const latest = Math.max(this.#free, next.notAfter, refused) + this.#settings().check
    if (this.#free < Number.POSITIVE_INFINITY && this.#now > latest + 0.01 + A_HAIR) {
      throw new Error(`started at ${this.#now}, not after ${latest}`)
    }
  }

  /** What the rule says of an agent that is not there. */
  #judge({ wish, until, reason }: ReasonedWish): void {
    const record = this.#record()
    const expected = record.wanted === 'stopped' ? 'down' : this.#rule.fatal() ? 'fatal' : undefined
    if (expected !== undefined && wish !== expected) throw new Error(`${expected} by the rule, and ${wish}: ${reason}`)
    if (expected !== undefined) return
    const next = this.#rule.nextStart(`boot-${this.#boot}`, record.release ?? '')
    if ((next === 'never') !== (wish === 'rest'))
      throw new Error(`${next === 'never' ? 'rest' : 'no rest'}, and ${wish}: ${reason}`)
    if (next === 'never') return
    if (wish === 'fatal') throw new Error(`not given up by the rule: ${reason}`)
    const hindered = this.#obstacle !== undefined && this.#now < this.#obstacle.until
    if (wish === 'wait' && !hindered && this.#now >= next.notAfter + A_HAIR) throw new Error(`it waits too long: ${reason}`)
    if (wish !== 'wait' || hindered || until === undefined) return
    if (until < next.notBefore - A_HAIR || until > next.notAfter + A_HAIR) throw new Error(`${until} is outside of the jitter`)
  }

  /** Whatever happens, the count is the rule's. */
  #compare(): void {
    const { strikes, fatal, restarts } = this.#record()
    if (strikes !== this.#rule.strikes()) throw new Error(`${strikes} strikes, and ${this.#rule.strikes()} by the rule`)
    if (fatal !== this.#rule.fatal()) throw new Error(`given up: ${fatal}, and ${this.#rule.fatal()} by the rule`)
    if (restarts !== this.#restarts) throw new Error(`${restarts} restarts on record, and there were ${this.#restarts}`)
  }

  #runs(): boolean {
    return this.#last !== undefined && this.#last.end === undefined
  }

  /** Ends the process that is there, if there is one. */
  #end(end: End): void {
    if (this.#last === undefined || !this.#runs()) return
    this.#last.attempt = { ...this.#last.attempt, ...LEFT[end](this.#now) }
    this.#last.end = end
  }

  /** Our end and our return: all that is left is on disk. */
  #reload(): void {
    const reading = readMetafile(JSON.stringify(this.#metafile))
    if (reading.kind !== 'ok') throw new Error(`the metafile cannot be read: ${JSON.stringify(reading)}`)
    this.#metafile = reading.metafile
    this.#seen = undefined
    this.#obstacle = undefined
    this.#free = Number.POSITIVE_INFINITY
  }

  #want(wanted: 'running' | 'stopped'): void {
    const forgiven = wanted === 'running' ? { strikes: 0, fatal: false } : {}
    this.#change((agent) => ({ ...agent, wanted, ...forgiven }))
    if (wanted === 'running') this.#rule.forgiven()
  }

  #skip(seconds: number): void {
    // To a whole hundredth, never earlier than was meant: at least the next.
    const next = Math.max(Math.ceil((this.#now + seconds) * 100 - A_HAIR), Math.round(this.#now * 100) + 1) / 100
    this.#wall += next - this.#now
    this.#now = next
  }

  #record() {
    return this.#metafile.agents[NAME] ?? NEW_AGENT
  }

  #change(change: Parameters<typeof changeAgent>[1]): void {
    this.#metafile = changeAgent(NAME, change)(this.#metafile)
  }

  #settings(): RestartPolicy {
    const record = this.#record()
    return policyFor(this.#policy, record.releases[record.release ?? '']?.restart ?? {})
  }
}

function metafileOf(settings: History['releases']): Metafile {
  const identity = { agentsn: 'host-1', source: 'random', machine: '', standing: 'claimed' } as const
  const releases = RELEASES.map((id, index) => {
    const restart = { ...settings[index] } as RestartSettings
    return [id, { version: '1', digest: 'a', run: { exec: 'x' }, envs: {}, limits: {}, restart }] as const
  })
  return {
    ...newMetafile({ identity, svrlist: '', step: 600 }),
    agents: { [NAME]: { ...NEW_AGENT, release: RELEASES[0], releases: Object.fromEntries(releases) } },
  }
}

/** What each end leaves in the attempt's directory. */
const LEFT: Readonly<Record<End, (at: number) => Partial<Attempt>>> = {
  zero: (at) => ({ exit: { status: 0, at } }),
  code: (at) => ({ exit: { status: 3, at } }),
  signal: (at) => ({ exit: { status: 139, at } }),
  oom: (at) => ({ exit: { status: 137, at } }),
  forced: (at) => ({ stopping: true, forced: { cause: 'unhealthy', detail: 'answered 503' }, exit: { status: 0, at } }),
  missing: (at) => ({ exit: { status: 127, at } }),
  lost: () => ({}),
  asked: (at) => ({ stopping: true, exit: { status: 143, at } }),
}

function byOf(end: End | undefined, status: number | undefined, lived: number): Death['by'] {
  if (end === 'asked') return 'request'
  // A shell says at once that it cannot become a program; what was there for longer has spoken for itself.
  if (end === 'zero' || end === 'code' || (end === 'missing' && lived > 10)) return { code: status ?? 0 }
  return 'force'
}
