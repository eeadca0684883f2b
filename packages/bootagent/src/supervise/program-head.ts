/** What the first bytes of a program say about running it on a host. */
export type ProgramHead =
  | { readonly kind: 'native' }
  /** Another program reads it: an absolute path. */
  | { readonly kind: 'script'; readonly interpreter: string }
  /** Made for other processors than the host's. */
  | { readonly kind: 'foreign'; readonly processor: string }

/** What is read of a program at most. */
export const HEAD_BYTES = 256

/** e_machine of the ELF header (gabi, "Machine Information"), of what we and others are built for. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
}
/** A 64-bit processor that runs what was made for its elder. */
const ALSO_RUNS: Readonly<Record<string, readonly string[]>> = { x64: ['ia32'], arm64: ['arm'] }

/**
 * Reads a program's head; `processor` is the host's, in Node's words. What is neither ELF nor begins with `#!` is left to the
 * shell, which runs it as a script of its own.
 */
export function readProgramHead(head: Buffer, processor: string): ProgramHead {
  if (head.subarray(0, 2).toString('latin1') === '#!') {
    const line = head.subarray(2).toString('utf8').split('\n', 1)[0]?.trim() ?? ''
    return { kind: 'script', interpreter: line.split(/\s+/, 1)[0] ?? '' }
  }
  if (head.length < 20 || head.subarray(0, 4).toString('latin1') !== '\x7fELF') return { kind: 'native' }
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18)
  const made = MACHINES[machine] ?? `machine ${machine}`
  const runs = made === processor || ALSO_RUNS[processor]?.includes(made) === true
  return runs ? { kind: 'native' } : { kind: 'foreign', processor: made }
}
