import { checkAgents } from './check-agents.ts'
import { checkCertificates } from './check-certificates.ts'
import { checkBoot, checkClock } from './check-clock.ts'
import { checkConfig } from './check-config.ts'
import { checkHome, checkRun, checkTmp } from './check-directories.ts'
import { checkLimits } from './check-limits.ts'
import { checkLock } from './check-lock.ts'
import { checkMetafile } from './check-metafile.ts'
import { checkOptions } from './check-options.ts'
import { checkPidFile } from './check-pid-file.ts'
import { checkProxies } from './check-proxies.ts'
import { checkServers } from './check-servers.ts'
import { checkSocket } from './check-socket.ts'
import { checkSpace } from './check-space.ts'
import type { Check } from './tested.ts'

/** What `-T` looks at, in the order in which it is told. They are made side by side: none waits for another. */
export const CHECKS: readonly Check[] = [
  { name: 'options', look: checkOptions },
  { name: 'config', look: checkConfig },
  { name: 'home', look: checkHome },
  { name: 'tmp', look: checkTmp },
  { name: 'run', look: checkRun },
  { name: 'space', look: checkSpace },
  { name: 'lock', look: checkLock },
  { name: 'socket', look: checkSocket },
  { name: 'pid-file', look: checkPidFile },
  { name: 'metafile', look: checkMetafile },
  { name: 'clock', look: checkClock },
  { name: 'boot', look: checkBoot },
  { name: 'limits', look: checkLimits },
  { name: 'certificates', look: checkCertificates },
  { name: 'proxies', look: checkProxies },
  { name: 'server', look: checkServers },
  { name: 'agent', look: checkAgents },
]
