/** What the lines of a unit say that are not the same on every host. */
export interface UnitFacts {
  readonly guard: string
  readonly home: string
  readonly seed: string
  /** BootAgent's own, over those of the file that the unit names. */
  readonly options: readonly string[]
}

/** By this first line a unit is known as one that `install-service` wrote. */
export const WRITTEN_BY_US = '# Written by "bootagent install-service"; "bootagent uninstall-service" removes it.'

/** The unit of the packages, with the paths of this host. Throws when it is not the unit it should be. */
export function unitFor(template: string, { guard, home, seed, options }: UnitFacts): string {
  const command = [guard, home, seed].map(unitWord)
  const line = ['ExecStart=', [...command, '$OPTIONS', ...options.map(unitWord)].join(' ')].join('')
  if (!START.test(template)) throw new Error('the unit has no ExecStart')
  return `${WRITTEN_BY_US}\n${template.replace(START, () => line)}`
}

/** The home that the unit's guard is given; undefined when it has none. */
export function homeOfUnit(unit: string): string | undefined {
  return /^ExecStart=\S*guard"? (?:"([^"]*)"|(\S+)) /m
    .exec(unit)
    ?.slice(1)
    .find((home) => home !== undefined)
}

const START = /^ExecStart=.*$/m

/** systemd.service(5), command lines: `%` and `$` mean something, and so do backslashes and quotes. */
function unitWord(word: string): string {
  const harmless = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[\w./:@,+=%$-]+$/.test(harmless) ? harmless : `"${harmless.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
