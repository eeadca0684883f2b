import type { StepKind, StepPayloads } from '../plan/step.ts'
import { activate, goBack } from './steps/activate.ts'
import { awaitFree } from './steps/await-free.ts'
import { callOff } from './steps/call-off.ts'
import { configure } from './steps/configure.ts'
import { download } from './steps/download.ts'
import { awaitOwnTrial, fillOwnSlot, leave, noteOwnFailure, switchOwnSlot, testOwnSlot } from './steps/own.ts'
import { setStep, tryServers } from './steps/own-settings.ts'
import { noteChanges } from './steps/note-changes.ts'
import { applyLimits, start, stop, want } from './steps/process.ts'
import { putFiles } from './steps/put-files.ts'
import { remove } from './steps/remove.ts'
import { unpack } from './steps/unpack.ts'
import { verify } from './steps/verify.ts'
import { watch } from './steps/watch.ts'
import type { Work } from './tools.ts'

type Executors = { readonly [K in StepKind]: (payload: StepPayloads[K], work: Work) => Promise<void> }

/** One executor a kind of step. Each may find its work done already, since a step is done again after a crash. */
export const EXECUTORS: Executors = {
  download,
  verify,
  unpack,
  'put-files': putFiles,
  'await-free': awaitFree,
  stop,
  activate,
  configure,
  'apply-limits': applyLimits,
  want,
  start,
  watch,
  'go-back': goBack,
  'note-changes': noteChanges,
  remove,
  'fill-slot': fillOwnSlot,
  'test-slot': testOwnSlot,
  'switch-slot': switchOwnSlot,
  leave,
  'await-own-trial': awaitOwnTrial,
  'note-own-failure': noteOwnFailure,
  'set-step': setStep,
  'try-servers': tryServers,
  'call-off': callOff,
}
