/**
 * Between BootAgent and an agent stands one `sh`, about 0.2 MB. It holds nothing of BootAgent's and BootAgent nothing of it, so
 * either may die alone; it waits, and leaves behind how the agent ended.
 *
 *     BootAgent ─ ─ ─ ─ (files only) ─ ─ ─ ─ shim  its own session; writes `shim`, waits, writes `exit`
 *                                             └─ agent  writes `stat`, becomes the program
 *
 * Both texts go by `sh -c`: a script file could be overwritten by an upgrade while a shell still reads it. They use only what is
 * built into the shell, so the agent's PATH does not matter. Values come as arguments and are never pasted into the text. One
 * variable is used, and gone before the program runs. A line is written at once, whole, and a reader takes no line without its end.
 */

/** Arguments: the attempt's directory, the text of {@link BECOME}, the program, its arguments. */
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

/** Arguments: as for {@link WAIT}. Its pid becomes the program's. */
export const BECOME = `
umask 022
# BootAgent may be protected from the out-of-memory killer; its agents are not.
read -r BOOTAGENT_LINE </proc/self/oom_score_adj
if [ "\${BOOTAGENT_LINE:-0}" -lt 0 ]; then echo 0 >/proc/self/oom_score_adj; fi
{ read -r BOOTAGENT_LINE </proc/$$/stat && printf '%s\\n' "$BOOTAGENT_LINE" >"$1/stat"; } || exit 125
unset BOOTAGENT_LINE
shift 2
exec "$@"
`

/** The shell both texts are for. */
export const SHELL = '/bin/sh'

/** How the command line of an agent begins until it has become its program. */
export const NOT_YET_BECOME: string = [SHELL, '-c', BECOME].join('\0')
