import type { Changes } from '../state/metafile-schema.ts'

/**
 * What is added to the end of an uninstall, in words. It says what was seen and no more: by whom a file was changed nobody can see,
 * and a file that could not be looked at is not said to be unchanged.
 */
export function tellChanges(changes: Changes | undefined): string {
  if (changes === undefined) return ''
  const { count, some, partly } = changes
  if (count === 0) return partly ? '; of some of its files it could not be seen whether they had been changed' : ''
  const files = count === 1 ? '1 file' : `${count} files`
  const asFar = partly ? ', as far as could be seen' : ''
  const named = count > some.length ? `, among them ${some.join(', ')}` : `: ${some.join(', ')}`
  return `; ${files} in its releases had been changed or added since these were put there${asFar}${named}`
}
