import process from 'node:process'
import type { HostPicture } from '../control/picture.ts'
import type { Options } from './options.ts'
import { printableJson } from './printable.ts'
import { showDaemon } from './show-daemon.ts'
import { showStatus } from './show-status.ts'
import { takePicture } from './take-picture.ts'

/**
 * Prints what each agent of this host does, or one of them; without a name also how it is with BootAgent itself. Exit code 0; 3 without a name
 * when BootAgent does not run (LSB, init scripts); 1 when there is no such agent, or no host to look for it on.
 */
export async function status(options: Options, version: string): Promise<number> {
  const picture = await takePictureOrSay(options, version)
  const { agent } = options
  if (picture === undefined) return agent === undefined ? NOT_RUNNING : 1
  const agents = picture.agents.filter(({ name }) => agent === undefined || name === agent)
  if (agent !== undefined && agents.length === 0) return sayMissing(picture, agent)
  const head = agent === undefined ? showDaemon(picture) : ''
  process.stdout.write(options.json ? `${printableJson({ ...picture, agents })}\n` : head + showStatus({ ...picture, agents }))
  return picture.running || agent !== undefined ? 0 : NOT_RUNNING
}

const NOT_RUNNING = 3

/** Says on stderr what the picture is worth, or that there is none. */
export async function takePictureOrSay(options: Options, version: string): Promise<HostPicture | undefined> {
  const picture = await takePicture(options, version)
  if (picture === undefined)
    process.stderr.write(`bootagent: ${options.home} has no metafile: this host has never been started\n`)
  else if (!picture.running) process.stderr.write('bootagent: BootAgent is not running; this is what the disk and /proc say\n')
  return picture
}

/** Says which agents there are instead; answers with the exit code. */
export function sayMissing({ agents }: HostPicture, name: string): number {
  const others = agents.length === 0 ? 'none is' : `there are ${agents.map((agent) => agent.name).join(', ')}`
  process.stderr.write(`bootagent: ${name} is not installed on this host; ${others}\n`)
  return 1
}
