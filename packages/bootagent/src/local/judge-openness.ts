/** How a directory of ours stands to others who may enter it. */
export type Openness =
  /** Nobody else can see what is in it; passing through is not entering (ADR 0023). */
  | { readonly kind: 'closed' }
  /** Others may look into it, and it holds nothing but ours: it is to be closed. */
  | { readonly kind: 'open' }
  /** It holds something that is not ours, by that name: closing it would lock others out of what is theirs. */
  | { readonly kind: 'shared'; readonly foreign: string }

/** Judges the home or the run directory by its mode and the names in it. */
export function judgeOpenness(mode: number, names: readonly string[]): Openness {
  if ((mode & 0o077) === 0) return { kind: 'closed' }
  const foreign = names.find((name) => !OURS.includes(name))
  if (foreign !== undefined) return { kind: 'shared', foreign }
  return (mode & 0o066) === 0 ? { kind: 'closed' } : { kind: 'open' }
}

/** The sentence about a shared one. */
export function describeShared(directory: string, foreign: string): string {
  return `${directory} is open to others and holds ${foreign}, which is not ours`
}

/** What to do about one. */
export const UNSHARE = "name a directory of BootAgent's own, or close it with chmod 700"

const OURS: readonly string[] = [
  'metafile.json',
  'metafile.prev.json',
  'lock',
  // SQLite's, by which the lock is held; a killed BootAgent leaves it.
  'lock-journal',
  'tmp',
  'packages',
  'agents',
  'run',
  'self',
  'control.sock',
  '.control',
  'bootagent.log',
  'bootagent.log.1',
  'bootagent.pid',
  '.bootagent.pid.new',
  'guard.log',
  'starting',
  'starting-journal',
  'checkout',
]
