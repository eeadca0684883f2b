/**
 * The restart rule as seed 001 and DESIGN 6 write it, told a second time and as naively as possible: it keeps the whole past and
 * reads it anew for each answer. It knows nothing of the code it is compared with.
 *
 *     每隔 60s 检查一次,如果进程异常退出在 3min 内不会重启,如果在 15min 内异常则标记一次异常事件,当连续异常超过 3 次后则认为程序异常,不再尝试重启。
 */
export interface RuleNumbers {
  readonly delay: number
  readonly window: number
  readonly strikes: number
  readonly check: number
  readonly exitCodes: readonly number[]
}

/** The end of one process, as the world knows it. */
export interface Death {
  readonly release: string
  readonly boot: string
  /** Seconds. */
  readonly lived: number
  /** Seconds since boot. */
  readonly at: number
  /** By whom: somebody asked for it, it chose the code itself, or neither. */
  readonly by: 'request' | { readonly code: number } | 'force'
}

type Entry = { readonly kind: 'death'; readonly death: Death } | { readonly kind: 'forgiven' }

export interface SeedRule {
  died(death: Death): void
  /** By a start, a reset, or another release. */
  forgiven(): void
  strikes(): number
  fatal(): boolean
  /** What the last death means for a start in this boot of this release. */
  nextStart(boot: string, release: string): NextStart
}

/** Seconds since boot; `notBefore` is a promise to the host, `notAfter` one to the operator. */
export type NextStart = 'never' | { readonly notBefore: number; readonly notAfter: number }

const AT_ONCE: NextStart = { notBefore: Number.NEGATIVE_INFINITY, notAfter: Number.NEGATIVE_INFINITY }

/** `numbersOf` a release; `current` is the release that is to run. */
export function createSeedRule(numbersOf: (release: string) => RuleNumbers, current: () => string): SeedRule {
  const past: Entry[] = []
  // An upgrade is no strike: only what the release that was to run did at that moment is ever counted.
  const counts = (death: Death) => death.release === current()

  function readPast(): { strikes: number; fatal: boolean } {
    let strikes = 0
    let fatal = false
    for (const entry of past) {
      if (entry.kind === 'forgiven') {
        strikes = 0
        fatal = false
        continue
      }
      const { lived, by, release } = entry.death
      const numbers = numbersOf(release)
      if (lived >= numbers.window) strikes = 0
      else if (isFailure(entry.death)) strikes += 1
      else if (by !== 'request') strikes = 0
      if (isFailure(entry.death) && strikes > numbers.strikes) fatal = true
    }
    return { strikes, fatal }
  }

  function isFailure({ by, release }: Death): boolean {
    if (by === 'request') return false
    return by === 'force' || !numbersOf(release).exitCodes.includes(by.code)
  }

  /** The last death of all, of whichever release, and whether somebody forgave since. */
  let last: { readonly death: Death; forgiven: boolean } | undefined

  return {
    died(death) {
      last = { death, forgiven: false }
      if (counts(death)) past.push({ kind: 'death', death })
    },
    forgiven() {
      past.push({ kind: 'forgiven' })
      if (last !== undefined) last.forgiven = true
    },
    strikes: () => readPast().strikes,
    fatal: () => readPast().fatal,
    nextStart(boot, release) {
      if (last === undefined || last.death.boot !== boot || last.death.release !== release) return AT_ONCE
      const { death, forgiven } = last
      if (death.by === 'request') return AT_ONCE
      if (!isFailure(death)) return 'never'
      const { delay } = numbersOf(release)
      return { notBefore: forgiven ? Number.NEGATIVE_INFINITY : death.at + delay, notAfter: death.at + delay * 1.1 }
    },
  }
}
