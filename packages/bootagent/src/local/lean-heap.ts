import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/*
 * V8 saves time with memory, and a resident that mostly waits has no use for that time. Both are of this process alone: no child of
 * ours inherits them, as it would an option in the environment.
 */

/**
 * Keeps the space for what is soon garbage as small as it begins; it would grow by tens of megabytes. To be called before anything else
 * is loaded.
 */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/**
 * Collects all garbage once. Until the first time V8 lets the old space grow to hundreds of megabytes; from then on to a little more
 * than what was found alive. To be called when everything is loaded, and `thoroughly`, which takes longer, when nobody waits.
 */
export function collectOnce(thoroughly = false): void {
  const collect = (globalThis.gc ?? gcOfAnotherContext()) as (how: object) => void
  collect({ type: 'major', flavor: thoroughly ? 'last-resort' : 'regular' })
}

/** An executable has it from the start, without the memory that another context takes for a while. */
function gcOfAnotherContext(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  setFlagsFromString('--no-expose-gc')
  return collect
}
