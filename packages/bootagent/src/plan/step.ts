import type { Digest, Format, JobOf, Reason } from '@bootagent/protocol'
import type { Slot } from '../state/own-slots.ts'
import type { Settings } from '../state/releases.ts'

/** What each kind of step is told. A new kind is a new line here; without an executor it does not compile. */
export interface StepPayloads {
  /** Fetch the package into `packages/`, checking its digest as it comes. */
  download: Source
  /** Hash the package at rest, scan all of it and judge every entry; nothing is written. Gone bad, it is fetched anew. */
  verify: { readonly digest: Digest; readonly format: Format; readonly source: Source }
  /** Unpack it beside, rename it into `releases/`, record it. How it is run: the job's word, else the package's own. */
  unpack: {
    readonly name: string
    readonly release: string
    readonly tree: string
    readonly digest: Digest
    readonly format: Format
    readonly settings: WantedSettings
    /** The version the job itself names: a package that says another one is not what was asked for. */
    readonly stated?: string
  }
  /** Put configuration files on the disk, under their set's id; no record speaks of them yet. */
  'put-files': { readonly name: string; readonly set: string; readonly files: Readonly<Record<string, string>> }
  /**
   * Wait until the agent is not busy: its work is not interrupted for an upgrade. At `until`, in Unix seconds, the wait is over and
   * the step done all the same; after `most` seconds it has failed.
   */
  'await-free': { readonly name: string } & ({ readonly until: number } | { readonly most: number })
  /** End every process of the agent, and hold it down until it is started. */
  stop: { readonly name: string }
  /** Make a release the one that is to run; with a trial, note first where to go back to. */
  activate: {
    readonly name: string
    readonly release: string
    readonly trial?: { readonly job: string; readonly seconds: number }
  }
  /** Note another release of what is unpacked already: the same package as that one, run by these settings. */
  configure: { readonly name: string; readonly release: string; readonly like: string; readonly settings: Settings }
  /** Hold what runs to the limits its release has now, without a restart. */
  'apply-limits': { readonly name: string }
  /** Note whether the agent is to run; to want it running forgives its strikes. */
  want: { readonly name: string; readonly wanted: 'running' | 'stopped' }
  start: { readonly name: string }
  /** Watch the new release until its trial is over. */
  watch: { readonly name: string }
  /** Make the release from before the trial the one that is to run again; null where there was none: the job's end then forgets the agent. */
  'go-back': { readonly name: string; readonly to: string | null }
  /** Note with the job which files of the agent's releases were changed since they were put there: they are about to be deleted. */
  'note-changes': { readonly name: string }
  /** Forget the agent and delete what it left; its data only with `purge`. */
  remove: { readonly name: string; readonly purge: boolean }
  'set-step': { readonly step: number }
  /** Put BootAgent's executable out of a verified package into a slot. */
  'fill-slot': { readonly slot: Slot; readonly digest: Digest; readonly format: Format; readonly stated?: string }
  /** Have what is in a slot test itself on this host; it must be the version that is named. */
  'test-slot': { readonly slot: Slot; readonly version?: string }
  /** Make that slot the one that is to run, on trial. `tree` names the package by version and digest. */
  'switch-slot': { readonly from: Slot; readonly to: Slot; readonly tree?: string }
  /** End this process, for the guard to start what is current then; the job goes on in that. */
  leave: object
  /** Wait until the trial of this BootAgent itself is over. */
  'await-own-trial': object
  /** Put on record why the other slot was given up. */
  'note-own-failure': object
  /** Report to the servers of a new list; keep the list if one of them answers. */
  'try-servers': { readonly list: string }
  /** Have these jobs end where they are, by the wish of the cancel `by`, and wait until they have; all are job keys. */
  'call-off': { readonly targets: readonly string[]; readonly by: string }
}

/** Where a package comes from, and how it may be fetched. */
export interface Source {
  readonly url: string
  readonly digest: Digest
  readonly size?: number
  /** KB a second. */
  readonly rate?: number
  /** Unix seconds; from then on it is not wanted any more. */
  readonly deadline?: number
}

/** What a job says of a release that is not here yet; what it leaves out is taken from the release before or from the package. */
export interface WantedSettings extends Partial<Settings> {
  readonly version: string
}

export type StepKind = keyof StepPayloads
export type Step = { [K in StepKind]: { readonly kind: K } & StepPayloads[K] }[StepKind]

/** What a job becomes: steps and how it ends once they are all done, or an end at once. */
export type Plan =
  | { readonly kind: 'steps'; readonly steps: readonly Step[]; readonly end: End }
  /** Once they are done it is planned again: only then it shows how it ends. */
  | { readonly kind: 'steps-first'; readonly steps: readonly Step[]; readonly end?: undefined }
  | { readonly kind: 'end'; readonly end: End }

/** How a job ends. */
export interface End {
  readonly reason: Reason
  /** One sentence for the operator. */
  readonly message: string
}

type Sentences = { readonly [K in StepKind]: (payload: StepPayloads[K]) => string }

const SENTENCES: Sentences = {
  download: ({ url }) => `download ${withoutSecrets(url)}`,
  verify: ({ format }) => `verify the ${format} package`,
  unpack: ({ name, release }) => `unpack ${name} ${release}`,
  stop: ({ name }) => `stop ${name}`,
  activate: ({ name, release, trial }) => `make ${release} the release of ${name}${trial === undefined ? '' : ', on trial'}`,
  'put-files': ({ name }) => `put the files of ${name} in place`,
  'await-free': ({ name }) => `wait until ${name} is free`,
  configure: ({ name, release }) => `note ${release} of ${name}: the same package, run otherwise`,
  'apply-limits': ({ name }) => `hold ${name} to its new limits`,
  want: ({ name, wanted }) => `want ${name} ${wanted}`,
  start: ({ name }) => `start ${name}`,
  watch: ({ name }) => `watch ${name} through its trial`,
  'go-back': ({ name, to }) => `go back to ${to ?? 'no release'} of ${name}`,
  'note-changes': ({ name }) => `note what was changed in the releases of ${name}`,
  remove: ({ name, purge }) => `remove ${name}${purge ? ' and its data' : ''}`,
  'fill-slot': ({ slot }) => `put BootAgent into slot ${slot}`,
  'test-slot': ({ slot, version }) =>
    `have ${version === undefined ? 'the BootAgent' : `BootAgent ${version}`} in slot ${slot} test itself`,
  'switch-slot': ({ to }) => `switch to slot ${to}, on trial`,
  leave: () => 'end, to be started again',
  'await-own-trial': () => 'wait until a server has answered this BootAgent',
  'note-own-failure': () => 'note why the other BootAgent was given up',
  'set-step': ({ step }) => `report every ${step} s`,
  'try-servers': ({ list }) => `try the servers ${list}`,
  'call-off': ({ targets }) => `call off ${targets.join(' and ')}`,
}

/** A step as a sentence: for logs, progress and the tests of plans. */
export function describe(step: Step): string {
  const sentence = SENTENCES[step.kind] as (payload: Step) => string
  return sentence(step)
}

/** A url may carry a name and a password, and a signed one its right in the query: neither is for a log. */
function withoutSecrets(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1').replace(/[?#].*$/, '')
}

/** An end with the action's own success sentence. */
export function success(message: string): End {
  return { reason: 'success', message }
}

/** A refusal before anything was done. */
export function refuse(reason: Reason, message: string): Plan {
  return { kind: 'end', end: { reason, message } }
}

/** The jobs that only move an agent that is there. */
export type ControlJob = JobOf<'start' | 'stop' | 'restart' | 'reset'>
