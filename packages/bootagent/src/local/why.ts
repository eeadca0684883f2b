import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import type { Options } from './options.ts'
import { printableJson } from './printable.ts'
import { showWhy } from './show-why.ts'
import { sayMissing, takePictureOrSay } from './status.ts'
import { takeAgentPicture } from './take-picture.ts'

/** Prints on one screen why an agent is as it is, and what can be done. Exit code 0, or 1 when there is no such agent, or no host. */
export async function why(options: Options, version: string): Promise<number> {
  const picture = await takePictureOrSay(options, version)
  if (picture === undefined) return 1
  const name = options.agent ?? ''
  const agent = await takeAgentPicture(picture, options, name)
  if (agent === undefined) return sayMissing(picture, name)
  const shown = { agent, limits: picture.limits, running: picture.running, now: Math.floor(systemClock.now() / 1000) }
  process.stdout.write(options.json ? `${printableJson(agent)}\n` : showWhy(shown))
  return 0
}
