import type { UnpackLimits } from './unpack-limits.ts'

/** What a name is judged by. */
export interface NameRules extends Pick<UnpackLimits, 'maxPathBytes' | 'maxComponentBytes' | 'maxDepth'> {
  /** A deb's or an rpm's payload is written for `/`: its absolute names mean places inside the release. */
  readonly reroot: boolean
}

/** A name as an archive wrote it ▸ the path inside the release, `''` being the root itself, or why it may not be. */
export function innerPath(written: string, rules: NameRules): { path: string } | { refused: string } {
  const refused = spellingFault(written)
  if (refused !== undefined) return { refused }
  if (written.startsWith('/') && !rules.reroot) return { refused: 'is absolute' }
  const path = written.replace(/^(?:\.?\/|\.$)/, '').replace(/\/$/, '')
  const fault = path === '' ? undefined : pathFault(path, rules)
  return fault === undefined ? { path } : { refused: fault }
}

/**
 * Names that are one name to some file system or program, or to a reader's eye, have one likeness: whatever they differ in by
 * compatibility forms, case, and characters that are not shown (NFKC_Casefold of Unicode).
 */
export function likenessOf(path: string): string {
  // Upper case first: that is what makes ß and ss, or ſ and s, the same.
  return shownOf(path).toUpperCase().toLowerCase().normalize('NFKC')
}

/** A name as it is seen: compatibility forms made one, and without joiners, variation selectors and the like. */
function shownOf(name: string): string {
  return name.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
}

/** What is wrong with the characters of a name or of a link's target; undefined when nothing is. */
export function spellingFault(written: string): string | undefined {
  if (/\p{Cc}/u.test(written)) return 'has a control character in its name'
  if (written.includes('\\')) return 'has a backslash in its name'
  if (/^[a-z]:/i.test(written)) return 'begins with a drive letter'
  return undefined
}

function pathFault(path: string, rules: NameRules): string | undefined {
  if (Buffer.byteLength(path) > rules.maxPathBytes) return `has a path longer than ${rules.maxPathBytes} bytes`
  const components = path.split('/')
  if (components.length > rules.maxDepth) return `lies deeper than ${rules.maxDepth} directories`
  return components.map((component) => componentFault(component, rules)).find((fault) => fault !== undefined)
}

function componentFault(component: string, rules: NameRules): string | undefined {
  if (component === '') return 'has an empty part in its path'
  if (component === '.') return "has a '.' in its path"
  if (component === '..') return "climbs out with '..'"
  if (/^\.{0,2}$|\//.test(shownOf(component))) return "has a part that reads as nothing, '.', '..' or '/' once normalized"
  if (Buffer.byteLength(component) > rules.maxComponentBytes) return `has a name longer than ${rules.maxComponentBytes} bytes`
  return undefined
}
