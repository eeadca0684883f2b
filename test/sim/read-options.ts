import { parseArgs } from 'node:util'

/** What a run of the simulator is asked for. */
export interface Options {
  readonly from: number
  readonly seeds: number
  /** Places of the deeds that are played, of the one history that is asked for; all when undefined. */
  readonly keep: readonly number[] | undefined
  /** The only hosts there are. */
  readonly only: readonly number[] | undefined
  /** Show the one history line by line, not only whether it held. */
  readonly story: boolean
  /** Hosts in each history, instead of 2 to 5. */
  readonly hosts: number | undefined
  readonly plant: string | undefined
  readonly json: boolean
  readonly jobs: number
}

/** Reads the command line; throws TypeError with a sentence for whoever typed it. */
export function readOptions(args: readonly string[], processors: number): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      keep: { type: 'string' },
      only: { type: 'string' },
      hosts: { type: 'string' },
      plant: { type: 'string' },
      jobs: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const one = values.seed === undefined ? undefined : wholeNumber('--seed', values.seed)
  return {
    from: one ?? wholeNumber('--from', values.from),
    seeds: one === undefined ? wholeNumber('--seeds', values.seeds) : 1,
    keep: values.keep === undefined ? undefined : list('--keep', values.keep),
    only: values.only === undefined ? undefined : list('--only', values.only),
    story: one !== undefined,
    hosts: values.hosts === undefined ? undefined : wholeNumber('--hosts', values.hosts),
    plant: values.plant,
    json: values.json,
    jobs: values.jobs === undefined ? Math.max(1, processors) : wholeNumber('--jobs', values.jobs),
  }
}

function list(option: string, text: string): number[] {
  return text === '' ? [] : text.split(',').map((each) => wholeNumber(option, each))
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`${option} takes whole numbers, not "${text}"`)
  return Number(text)
}
