import { OWN_NAME } from '@bootagent/protocol'
import { ownRolledBackEvent, ownUpgradedEvent } from '../event/compose-event.ts'
import { addEvent } from '../state/events.ts'
import type { Reducer } from '../state/metafile-schema.ts'

/** The end of a job about BootAgent itself; `key` is the job's, `time` Unix seconds. */
export interface OwnEnd {
  readonly key: string
  /** Fingerprint of the settings the job gave. */
  readonly asked: string
  readonly time: number
}

/** Failures of BootAgent itself that are remembered. */
const KEPT = 5

/**
 * Ends the upgrade that a job has made: one that was taken back is remembered, and told by an event; one that holds is forgiven. It goes
 * into the write that ends the job.
 */
export function endOwnUpgrade({ key, asked, time }: OwnEnd): Reducer {
  return (metafile) => {
    const upgrade = metafile.own?.upgrade
    if (upgrade?.job !== key) return metafile
    const { upgrade: _done, ...own } = metafile.own ?? {}
    const { tree = upgrade.version, version, before, failure } = upgrade
    const others = (metafile.failed[OWN_NAME] ?? []).filter((each) => each.tree !== tree || each.asked !== asked)
    const failed = failure === undefined ? [] : [{ release: version, tree, asked, time, why: failure, exits: [], lines: [] }]
    const ended = { ...metafile, own, failed: withOwn(metafile.failed, [...others, ...failed].slice(-KEPT)) }
    if (failure === undefined) return ended
    return addEvent(ownRolledBackEvent({ from: version, to: before, why: failure, now: time }))(ended)
  }
}

/** Notes which version was kept; that it is another than before is told, whoever brought it. */
export function noteOwnVersion(version: string, now: number): Reducer {
  return (metafile) => {
    const before = metafile.own?.version
    if (before === version) return metafile
    const noted = { ...metafile, own: { ...metafile.own, version } }
    return before === undefined ? noted : addEvent(ownUpgradedEvent({ from: before, to: version, now }))(noted)
  }
}

/** Notes that a BootAgent which no job had brought was given up; the packaged one, say. */
export function noteOwnFailure(why: string, version: string, now: number): Reducer {
  return addEvent(ownRolledBackEvent({ from: undefined, to: version, why, now }))
}

function withOwn<Failed>(failed: Readonly<Record<string, Failed[]>>, own: Failed[]): Record<string, Failed[]> {
  const { [OWN_NAME]: _before, ...others } = failed
  return own.length === 0 ? others : { ...others, [OWN_NAME]: own }
}
