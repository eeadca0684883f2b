import process from 'node:process'
import type { HostPicture } from '../control/picture.ts'
import type { Options } from './options.ts'
import { printableJson } from './printable.ts'
import { showStatus } from './show-status.ts'
import { takePicture } from './take-picture.ts'

/** Prints what each agent of this host does, or one of them. Exit code 0, or 1 when there is no such agent, or no host. */
export async function status(options: Options, version: string): Promise<number> {
  const picture = await takePictureOrSay(options, version)
  if (picture === undefined) return 1
  const { agent } = options
  const agents = picture.agents.filter(({ name }) => agent === undefined || name === agent)
  if (agent !== undefined && agents.length === 0) return sayMissing(picture, agent)
  process.stdout.write(options.json ? `${printableJson({ ...picture, agents })}\n` : showStatus({ ...picture, agents }))
  return 0
}

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
