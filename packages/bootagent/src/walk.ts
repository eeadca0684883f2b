import type { JobProgress } from '@bootagent/protocol'
import type { Clock, Doorbell } from '@bootagent/runtime'
import type { Tools } from './execute/tools.ts'
import type { CallingOff } from './calling-off.ts'
import type { Announce } from './happening.ts'
import type { Circumstances } from './plan/circumstances.ts'
import type { Conversation } from './remote/conversation.ts'
import type { HearingKept } from './remote/hearing.ts'
import type { PaceSettings } from './remote/pace.ts'
import type { Settling } from './settling.ts'

/** Everything the walk needs; compose builds it. */
export interface Walk {
  readonly tools: Tools
  readonly conversation: Conversation
  readonly settling: Settling
  readonly hearing: HearingKept
  readonly announce: Announce
  readonly clock: Clock
  readonly random: () => number
  /** What a plan may depend on besides the job and the host. */
  readonly rules: Pick<Circumstances, 'trialSeconds' | 'busySeconds' | 'stepRange' | 'bootagent'>
  readonly pace: Omit<PaceSettings, 'step'>
  /** Jobs at work, by key, with how far they are: told in every report. */
  readonly progress: Map<string, JobProgress>
  readonly callingOff: CallingOff
  /** Rung when there is something to tell the server at once. */
  readonly toTell: Doorbell
  /** Rung when there may be a job to work on. */
  readonly toDo: Doorbell
}
