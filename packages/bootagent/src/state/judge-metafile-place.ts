/**
 * Why a metafile's content is not to be believed, whatever it says, and what to do about it; undefined when it is. What is in it is run
 * as root: whoever can write it has all the rights that BootAgent has. `trusted` are the users that have them anyway, ours first.
 */
export function judgeRights(
  path: string,
  { owner, mode }: { readonly owner: number; readonly mode: number },
  trusted: readonly number[],
): string | undefined {
  if (!trusted.includes(owner))
    return `${path} belongs to user ${owner}, who can change what BootAgent does: ${ONCE_READ} chown ${trusted[0] ?? 0} ${path}`
  if ((mode & WRITABLE_BY_OTHERS) !== 0)
    return `${path} has mode ${mode.toString(8)}, so that others can change what BootAgent does: ${ONCE_READ} chmod 600 ${path}`
  return undefined
}

/** The sentence about what is no file and lies where a metafile belongs. */
export function describeOther(path: string, what: string): string {
  const instead =
    what === 'a symbolic link'
      ? `see where it leads, then type: cp --remove-destination "$(readlink -f ${path})" ${path}`
      : 'put the metafile from a backup in its place'
  return `${path} is ${what}, and BootAgent keeps a file there: ${instead}`
}

const WRITABLE_BY_OTHERS = 0o022

const ONCE_READ = 'see that it says what it should, then type:'
