/** What a plan may depend on besides the job and the host: values, fixed for the one decision. */
export interface Circumstances {
  /** The job's key: a trial is its own when it carries this key. */
  readonly key: string
  /** Unix seconds. */
  readonly now: number
  /** How long a new release is watched, in seconds. */
  readonly trialSeconds: number
  /** How long an agent that is busy is waited for, in seconds, where the job sets no deadline. */
  readonly busySeconds: number
  /** The version of this BootAgent: `1.4.0`. */
  readonly bootagent: string
  /** What the step between reports may be, in seconds. */
  readonly stepRange: { readonly min: number; readonly max: number }
  /** The attempt that ran when the job began; undefined when none did. */
  readonly before: string | undefined
  /** Whether the job has begun: its deadline no longer matters then. */
  readonly begun: boolean
  /** Whether somebody has called it off since. */
  readonly calledOff: boolean
}
