import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What the tiny agent is called, in jobs and reports. */
export const TINY = 'TinyAgent'

/** A package of it: what a job says, and the bytes. */
export interface TinyPackage {
  /** `TinyAgent-1.0.0.tar.gz`: the version is in the name, as in the seed's example. */
  readonly file: string
  readonly bytes: Buffer
  /** The seed's spelling of its digest. */
  readonly checksum: string
}

/**
 * Notes each of its starts, and runs until it is told to end. It ends by itself when the case's directory is gone, so that
 * nothing is left behind: BootAgent's agents outlive it on purpose.
 */
const PROGRAM = (version: string) => `#!/bin/sh
echo "$$ ${version} $TINY_WORD" >>"$TINY_DIRECTORY/starts"
trap 'kill "$!" 2>/dev/null; exit 0' TERM
left=600
while [ -d "$TINY_DIRECTORY" ] && [ "$left" -gt 0 ]; do
  sleep 1 &
  wait "$!"
  left=$((left - 1))
done
`

/** Packs it. How it is run is said by `agent.json`, and by its program's name. */
export async function packTinyAgent(directory: string, version: string): Promise<TinyPackage> {
  const stage = join(directory, `package-${version}`)
  const program = join(stage, 'bin', TINY)
  const file = `${TINY}-${version}.tar.gz`
  await mkdir(join(stage, 'bin'), { recursive: true })
  await writeFile(program, PROGRAM(version))
  await chmod(program, 0o755)
  await writeFile(join(stage, 'agent.json'), JSON.stringify({ name: TINY, version, run: { exec: `bin/${TINY}` } }))
  const owner = ['--owner=0', '--group=0', '--numeric-owner']
  await promisify(execFile)('tar', ['-czf', join(directory, file), ...owner, '-C', stage, 'agent.json', 'bin'])
  const bytes = await readFile(join(directory, file))
  return { file, bytes, checksum: `SHA256:${createHash('sha256').update(bytes).digest('hex')}` }
}

/** One start of the tiny agent, as it noted it itself. */
export interface TinyStart {
  readonly pid: string
  readonly version: string
  /** What its environment variable TINY_WORD held. */
  readonly word: string
}

/** Every start so far, the first one first. */
export async function readStarts(directory: string): Promise<readonly TinyStart[]> {
  const lines = (await readFile(join(directory, 'starts'), { encoding: 'utf8', flag: 'a+' })).split('\n').slice(0, -1)
  return lines.map((line) => {
    const [pid = '', version = '', word = ''] = line.split(' ')
    return { pid, version, word }
  })
}
