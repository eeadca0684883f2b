/*
 * Small programs for the shell, each with one bad habit. They use nothing but sh and the commands every host has. None goes on for
 * ever with what a host has only so much of: a test that fails to hold one must not take its host down with it.
 */

/** Takes up to half a gigabyte, in a child of its own; what is left then waits. */
export const MEMORY_HOG = `sh -c 'x=0123456789abcdef; while [ "\${#x}" -lt 268435456 ]; do x="$x$x"; done'; exec sleep 1000`

/** Takes all of one core. */
export const CPU_BURNER = 'count=0; while [ "$count" -lt 100000000 ]; do count=$((count + 1)); done'

/** Starts processes until it may not; those it has started stay. */
export const FORK_BOMB = `i=0; while [ $i -lt 1000 ]; do sleep 1000 & i=$((i + 1)); done; wait`

/** Processes in sessions of their own, without their environment, whose parents are gone. */
export const STRAYS = `
( setsid env -i sleep 1000 & )
( setsid env -i setsid sleep 1000 & )
exec sleep 1000
`

/** Five shells, in sessions of their own, that start processes as fast as they can. */
export const FORKERS = `
churn='count=0; while [ "$count" -lt 50000 ]; do /bin/true; count=$((count + 1)); done'
for each in 1 2 3 4; do ( setsid sh -c "$churn" & ); done
eval "$churn"
`

/** Holds about 16 MB, and says so in the file of that name. */
export const HOLDER = `
x=0123456789abcdef
for each in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do x="$x$x"; done
echo held >"$1"
sleep 1000
: "$x"
`

/** Does nothing, for long. */
export const SLEEPER = 'exec sleep 1000'

/** Writes a mebibyte to the disk itself, past the page cache. */
export const DISK_WRITER = 'exec dd if=/dev/zero of="$1" bs=1M count=1 oflag=direct'
