import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import type { AgentPicture } from '../control/picture.ts'
import { BootAgentError } from '../errors.ts'
import type { OrderAction } from '../job/local-order.ts'
import { pathsOf } from '../state/paths.ts'
import { askDaemon, isAbsent, type Reply } from './ask-daemon.ts'
import type { Options } from './options.ts'
import { printable, printableJson } from './printable.ts'

/**
 * Has the BootAgent of this host carry out an order, and waits for the end of it. Exit code 0, or 1 with the reason; throws
 * `no-daemon` when there is nobody to ask.
 */
export async function giveOrder(options: Options, action: OrderAction): Promise<number> {
  const { control } = pathsOf(options.home, options.run)
  const about = `/agents/${options.agent ?? ''}`
  const over = new AbortController()
  const telling = tellHowItGoes(control, about, over.signal)
  const reply = await askDaemon(control, { method: 'POST', path: `${about}/${action}` })
    .catch((error: unknown): never => {
      // It was there, so the order may be on its disk; only what was not there has surely not taken it.
      if (error instanceof BootAgentError && error.cause !== undefined && !isAbsent(error) && isCut(error.cause))
        throw cutOff(error)
      throw error
    })
    .finally(() => over.abort())
  await telling
  return sayWhatCame(options, reply)
}

function sayWhatCame({ json }: Options, reply: Reply): number {
  const { errcode, message } = reply.kind === 'answer' ? (reply.value as Ended) : { errcode: undefined, message: reply.message }
  if (json) process.stdout.write(`${printableJson(reply.kind === 'answer' ? reply.value : { message })}\n`)
  else (errcode === 0 ? process.stdout : process.stderr).write(`${errcode === 0 ? '' : 'bootagent: '}${printable(message)}\n`)
  return errcode === 0 ? 0 : 1
}

/** What the daemon says of an order that has ended; `errcode` 0 is success. */
interface Ended {
  readonly id: string
  readonly errcode: number
  readonly message: string
}

/** An agent may take its whole grace to end: whoever waits that long is told what is waited for. */
async function tellHowItGoes(socket: string, path: string, over: AbortSignal): Promise<void> {
  let told = ''
  while (await systemClock.sleep(QUIET, over)) {
    const reply = await askDaemon(socket, { method: 'GET', path, patience: QUIET }).catch(unlessUnanswered)
    if (reply?.kind !== 'answer' || over.aborted) continue
    const { name, state, reason } = reply.value as AgentPicture
    const line = `bootagent: waiting; ${name} is ${state}: ${reason}`
    if (line !== told) process.stderr.write(`${printable(line)}\n`)
    told = line
  }
}

/** That nobody answers this is said by the order itself, which nobody answers either. */
function unlessUnanswered(error: unknown): undefined {
  if (!(error instanceof BootAgentError)) throw error
}

/** Milliseconds until a word is said, and between two. */
const QUIET = 2000

function isCut(cause: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes((cause as NodeJS.ErrnoException).code ?? '')
}

function cutOff(error: BootAgentError): BootAgentError {
  return new BootAgentError(
    'step-failed',
    'BootAgent ended before it could say what came of it; an order it has taken is carried out when it is started again',
    error,
  )
}
