import type { WorkerRequest } from './request.ts'

/** What the kernel holds each process of a worker to, from before it becomes our program. */
const LIMITS = {
  /** Bytes of data of one process. A Node that does nothing has 600 MiB of it, most of which it never touches. */
  data: 1536 * 1024 ** 2,
  openFiles: 256,
  /** Seconds of a processor. */
  cpu: 1800,
}

/**
 * The command that holds a program to the limits of a worker and then becomes it. A shell does it, since Node cannot: each limit for
 * itself, for on a host that has set a lower one already ours is refused, and theirs holds.
 */
export function confined(request: WorkerRequest, command: readonly string[]): [program: string, ...args: string[]] {
  const blocks = Math.ceil(largestFile(request) / BLOCK)
  const settings = [`-c 0`, `-d ${LIMITS.data / 1024}`, `-f ${blocks}`, `-n ${LIMITS.openFiles}`, `-t ${LIMITS.cpu}`]
  const set = settings.map((setting) => `ulimit ${setting} 2>/dev/null`)
  return ['/bin/sh', '-c', [...set, 'exec "$@"'].join('; '), 'sh', ...command]
}

/** What `ulimit -f` counts in (POSIX). */
const BLOCK = 512

/** Who inspects writes nothing, and so may not. */
function largestFile(request: WorkerRequest): number {
  if (request.kind === 'inspect') return 0
  return request.kind === 'unpack' ? request.limits.maxBytes : request.maxBytes
}
