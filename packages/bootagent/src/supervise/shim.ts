/**
 * Between BootAgent and an agent stands one `sh`, about 0.2 MB. It holds nothing of BootAgent's and BootAgent nothing of it, so
 * either may die alone; it waits, and leaves behind how the agent ended.
 *
 *     BootAgent ─ ─ ─ ─ (files only) ─ ─ ─ ─ shim  its own session; writes `shim`, waits, writes `exit`
 *                                             └─ agent  writes `stat`, joins its groups, becomes the program
 *
 * Both texts go by `sh -c`: a script file could be overwritten by an upgrade while a shell still reads it. They use only what is
 * built into the shell, so the agent's PATH does not matter. Values come as arguments and are never pasted into the text. One
 * variable is used, and gone before the program runs. A line is written at once, whole, and a reader takes no line without its end.
 */

/** Arguments: the attempt's directory, the text of {@link BECOME}, what that is told, the program, its arguments. */
export const WAIT = `
# Handlers that do nothing, because signals that are ignored would be ignored by the agent too. A signal to the whole
# group must not keep the shim from telling how the agent ended.
trap : HUP INT QUIT TERM USR1 USR2
# No agent without a trace: it could not be found again.
{ read -r BOOTAGENT_LINE </proc/$$/stat && printf '%s\\n' "$BOOTAGENT_LINE" >"$1/shim"; } || exit 125
# In the foreground: a background command is started with INT and QUIT ignored.
/bin/sh -c "$2" bootagent-agent "$@"
set -- "$1" "$?"
# Seconds since boot: no change of the wall clock can falsify them.
read -r BOOTAGENT_LINE </proc/uptime
printf '%s %s\\n' "$2" "\${BOOTAGENT_LINE%% *}" >"$1/exit"
`

/**
 * Arguments: as for {@link WAIT}, but before the program its file mode mask, and how many files it may have open or nothing.
 * Its pid becomes the program's.
 */
export const BECOME = `
# BootAgent may be protected from the out-of-memory killer; its agents are not.
read -r BOOTAGENT_LINE </proc/self/oom_score_adj
if [ "\${BOOTAGENT_LINE:-0}" -lt 0 ]; then echo 0 >/proc/self/oom_score_adj; fi
{ read -r BOOTAGENT_LINE </proc/$$/stat && printf '%s\\n' "$BOOTAGENT_LINE" >"$1/stat"; } || exit 125
# Its groups before its program: from the first instruction on it is counted and held, and what it starts with it.
while read -r BOOTAGENT_LINE; do
  echo 0 >"$BOOTAGENT_LINE" || { echo "it could not join $BOOTAGENT_LINE" >"$1/refused"; exit 125; }
done <"$1/join"
[ -z "$4" ] || ulimit -n "$4" || { echo "it may not have $4 files open" >"$1/refused"; exit 125; }
unset BOOTAGENT_LINE
# After the last file of ours: a mask may be one that nobody could read them by.
umask "$3"
shift 4
exec "$@"
`

/** For what runs beside the agent, as a check of its health. Arguments: the attempt's directory, the mask, the program, its arguments. */
export const BESIDE = `
umask "$2"
read -r BOOTAGENT_LINE </proc/self/oom_score_adj
if [ "\${BOOTAGENT_LINE:-0}" -lt 0 ]; then echo 0 >/proc/self/oom_score_adj; fi
while read -r BOOTAGENT_LINE; do echo 0 >"$BOOTAGENT_LINE" || exit 125; done <"$1/join"
unset BOOTAGENT_LINE
shift 2
exec "$@"
`

/** Everyone may read what it makes, and nobody but it may change that. */
export const DEFAULT_UMASK = '022'

/** The shell these texts are for. */
export const SHELL = '/bin/sh'

/** Where the program that gives rights up is, on the systems we know. */
export const SETPRIV: readonly string[] = ['/usr/bin/setpriv', '/bin/setpriv', '/usr/sbin/setpriv']

/** How the command line of an agent begins until it has become its program. */
export const NOT_YET_BECOME: readonly string[] = [[SHELL, '-c', BECOME].join('\0'), ...SETPRIV.map((path) => `${path}\0`)]
