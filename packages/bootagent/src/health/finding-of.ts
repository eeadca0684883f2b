/** The host, or this process, has run out of something: no agent can be judged by that. */
const EXHAUSTED: readonly (string | undefined)[] = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAGAIN']

/** A failed check in words: what its error means for the agent, or that the host had no room for the check itself. */
export function findingOf(
  error: NodeJS.ErrnoException,
  said: string,
): { readonly ok: false; readonly said: string; readonly hindered?: true } {
  if (!EXHAUSTED.includes(error.code)) return { ok: false, said }
  return { ok: false, said: `could not be asked: the host has run out of what that takes (${error.code})`, hindered: true }
}
