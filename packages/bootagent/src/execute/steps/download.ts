import { crashPoint } from '@bootagent/runtime'
import { describe, type StepPayloads } from '../../plan/step.ts'
import { decideTry, NO_TRIES, type Tries } from '../decide-try.ts'
import { isKept, openPartFile, type PartFile } from '../package-store.ts'
import { StepError } from '../../errors.ts'
import type { Work } from '../tools.ts'
import { tryDownload } from '../try-download.ts'

type Wanted = StepPayloads['download']

/** Fetches a package by workers, as often as it takes and makes sense, and takes it into `packages/` under its digest. */
export async function download(wanted: Wanted, work: Work): Promise<void> {
  await inTime(wanted.deadline, work, (inTimeWork) =>
    work.worker.turns.run(
      wanted.digest,
      async () => {
        // Another job may have brought it while this one waited for its turn.
        if (!(await isKept(work.paths, wanted.digest))) await fetchPackage(wanted, inTimeWork)
      },
      inTimeWork.cutShort,
    ),
  )
}

/** The deadline ends a download that is under way: whoever set it does not want its package any more. */
async function inTime(deadline: number | undefined, work: Work, use: (work: Work) => Promise<void>): Promise<void> {
  if (deadline === undefined) return use(work)
  const [late, over] = [new AbortController(), new AbortController()]
  const passed = new StepError('deadline-passed', `the job’s deadline passed before its package had come`)
  void untilPast(deadline, work, over.signal).then((past) => past && late.abort(passed))
  try {
    await use({ ...work, cutShort: AbortSignal.any([work.cutShort, late.signal]) })
  } finally {
    over.abort()
  }
}

async function fetchPackage(wanted: Wanted, work: Work): Promise<void> {
  const part = await openPartFile(work.paths, wanted.digest, describe({ kind: 'download', ...wanted }))
  crashPoint('download:part-made')
  try {
    await tryUntilThere(wanted, work, part)
    crashPoint('download:fetched')
    await part.take()
  } catch (error) {
    // Called off, or too late, and not merely stopped: nobody wants what has come.
    if (work.cutShort.aborted && !work.signal.aborted) await part.discard()
    throw error
  } finally {
    await part.close()
  }
}

async function tryUntilThere(wanted: Wanted, work: Work, part: PartFile): Promise<void> {
  const { worker, cutShort: signal, clock, log } = work
  let tries: Tries = NO_TRIES
  for (let most = await part.size(); ; ) {
    const note = tries.barren === 0 ? undefined : tryOf(tries, work)
    const failure = await tryDownload(wanted, work, { part, note })
    if (failure === undefined) return
    const size = await part.size()
    const { reason, retryAfter } = failure
    const decision = decideTry({ reason, retryAfter, gained: size - most }, tries, { ...worker.tries, random: worker.random() })
    if (decision.kind === 'give-up') throw afterTries(failure, tries)
    tries = decision.tries
    if (decision.fromScratch) await part.scratch()
    most = decision.fromScratch ? 0 : Math.max(most, size)
    const seconds = Math.round(decision.after / 1000)
    log.warn({ key: work.key, why: failure.message, again: seconds }, 'a download failed and is tried again')
    work.progress(size, wanted.size, `${tryOf(tries, work)} in ${seconds} s`)
    await clock.sleep(decision.after, signal)
    signal.throwIfAborted()
  }
}

function tryOf({ barren }: Tries, { worker }: Work): string {
  return `try ${barren + 1} of ${worker.tries.tries}`
}

function afterTries(failure: StepError, { barren, scratched }: Tries): StepError {
  const times = scratched ? 'also when it was fetched anew' : `after ${barren + 1} tries`
  if (barren === 0 && !scratched) return failure
  return new StepError(failure.reason, `${failure.message}; ${times}`, failure)
}

/** Whether the deadline came before the end of the wait. The wall clock may be set meanwhile: it is read again and again. */
async function untilPast(deadline: number, { clock }: Work, signal: AbortSignal): Promise<boolean> {
  for (let left = 1; left > 0; ) {
    left = deadline * 1000 - clock.now()
    if (left > 0 && !(await clock.sleep(Math.min(left, LONGEST_WAIT), signal))) return false
  }
  return true
}

/** In milliseconds. */
const LONGEST_WAIT = 60_000
