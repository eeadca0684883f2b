import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { lacksDescriptors } from '../shortage.ts'

/** What a host refused, in the system's words. */
export interface KernelRefusal {
  /** `EINVAL` and the like. */
  readonly code: string
  /** `cpu.max does not take "1000 100000" (EINVAL: invalid argument)`. */
  readonly why: string
}

/** Types of file systems, as statfs(2) numbers them. */
const FILE_SYSTEMS: ReadonlyMap<number, 'cgroup-v1' | 'cgroup-v2'> = new Map([
  [0x27_e0_eb, 'cgroup-v1'],
  [0x63_67_72_70, 'cgroup-v2'],
])

/** Which kind of cgroups a directory is of; undefined when of none. */
export function cgroupsAt(path: string): 'cgroup-v1' | 'cgroup-v2' | undefined {
  const answer = trySystem(() => statfsSync(path).type)
  return 'value' in answer ? FILE_SYSTEMS.get(answer.value) : undefined
}

/** Writes a value into a file of the kernel's, never making one; undefined when it was taken. */
export function writeKernel(path: string, value: string): KernelRefusal | undefined {
  const answer = trySystem(() => writeWhole(path, value))
  return 'value' in answer ? undefined : refusal(`${nameOf(path)} does not take "${value}"`, answer.refused)
}

/** In one write: the kernel takes each for a value of its own. */
function writeWhole(path: string, value: string): void {
  const descriptor = openSync(path, constants.O_WRONLY)
  try {
    writeSync(descriptor, value)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The text of a file of the kernel's, without its last line end; undefined when it is not there or not ours to read. Throws where the
 * host has no descriptor to open it with. As UTF-8: in any other encoding node takes 64 KB of memory for each file whose size the
 * kernel does not tell.
 */
export function readKernel(path: string): string | undefined {
  const answer = tryLook(() => readFileSync(path, 'utf8').trimEnd())
  return 'value' in answer ? answer.value : undefined
}

/** A file that holds one number; undefined for any other. */
export function readFigure(path: string): number | undefined {
  const text = readKernel(path)
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}

/** A file of lines `name number`. */
export function readFigures(path: string): ReadonlyMap<string, number> {
  const lines = readKernel(path)?.split('\n') ?? []
  return new Map(lines.flatMap((line) => (/^\S+ \d+$/.test(line) ? [pairOf(line)] : [])))
}

function pairOf(line: string): [string, number] {
  const [name = '', figure] = line.split(' ')
  return [name, Number(figure)]
}

/** Makes a group and those above it; one that is there is left as it is. */
export function makeGroup(path: string): KernelRefusal | undefined {
  const answer = trySystem(() => mkdirSync(path, { recursive: true }))
  return 'value' in answer ? undefined : refusal(`no group can be made at ${path}`, answer.refused)
}

/** Why no group can be made below a path, by the rights and the mount of it; undefined when neither forbids it. Nothing is made. */
export function refusesGroups(path: string): string | undefined {
  const answer = trySystem(() => accessSync(path, constants.W_OK | constants.X_OK))
  return 'value' in answer ? undefined : refusal(`no group can be made in ${path}`, answer.refused).why
}

/** Removes a group that has no processes and no groups in it; true when it is gone. The kernel removes the files in it. */
export function removeGroup(path: string): boolean {
  const answer = trySystem(() => rmdirSync(path))
  return 'value' in answer || answer.refused.code === 'ENOENT'
}

/** The names of the groups in a group; none when it is not there. Throws like {@link readKernel}. A link to one is one only `withLinks`. */
export function groupsIn(path: string, { withLinks = false } = {}): string[] {
  const answer = tryLook(() => readdirSync(path, { withFileTypes: true }))
  const entries = 'value' in answer ? answer.value : []
  return entries.filter((entry) => entry.isDirectory() || (withLinks && entry.isSymbolicLink())).map((entry) => entry.name)
}

/** An error of a system call is the host's answer, whatever it is; every other error is ours, and thrown. */
function trySystem<T>(call: () => T): { value: T } | { refused: SystemError } {
  try {
    return { value: call() }
  } catch (error) {
    if (!isSystemError(error)) throw error
    return { refused: error }
  }
}

/** A look that could not be made must not pass for one that found nothing: a group would have no processes, and an agent be gone. */
function tryLook<T>(call: () => T): { value: T } | { refused: SystemError } {
  const answer = trySystem(call)
  if ('refused' in answer && lacksDescriptors(answer.refused)) throw answer.refused
  return answer
}

/** As node throws it for every system call that fails. */
type SystemError = Error & { readonly code: string }

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error
}

function refusal(what: string, { code, message }: SystemError): KernelRefusal {
  const [reason] = message.split(',')
  return { code, why: `${what} (${reason})` }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
