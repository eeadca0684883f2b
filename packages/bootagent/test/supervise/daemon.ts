// A daemon that does nothing but supervise: `daemon.ts HOME RUN [KEY]`; with a key,
// it puts agents into control groups under that. It tells what happens as lines of JSON, and is asked by lines
// `start NAME`, `stop NAME` and `unwant NAME`, each answered by a line, and by `eat` to take memory without end. It ends, leaving
// its agents, when its stdin does.
import process from 'node:process'
import { createInterface } from 'node:readline'
import { silentLog, systemClock } from '@bootagent/runtime'
import { createProbe } from '../../src/health/probe.ts'
import { chooseDriver } from '../../src/limits/choose-driver.ts'
import { createNone } from '../../src/limits/none.ts'
import { closeInherited } from '../../src/local/close-inherited.ts'
import { findMetafile, openMetafile } from '../../src/state/metafile.ts'
import { changeAgent } from '../../src/state/metafile-schema.ts'
import { pathsOf } from '../../src/state/paths.ts'
import { createLedger } from '../../src/supervise/ledger.ts'
import { DEFAULT_POLICY } from '../../src/supervise/restart-policy.ts'
import { createSupervisor } from '../../src/supervise/supervisor.ts'

closeInherited()
const [home = '', run = '', key = ''] = process.argv.slice(2)
const paths = pathsOf(home, run)
const found = await findMetafile(paths)
if (found.kind === 'absent') throw new Error(`${paths.metafile} is missing`)
const metafile = openMetafile(paths, found.metafile)

const supervisor = createSupervisor({
  paths,
  ledger: createLedger(metafile, silentLog),
  clock: systemClock,
  random: Math.random,
  log: silentLog,
  settings: DEFAULT_POLICY,
  environment: () => ({ PATH: '/usr/bin:/bin' }),
  driver: key === '' ? createNone('this daemon was given no key') : chooseDriver({ key }),
  probe: createProbe(systemClock),
  announce: tell,
})

const REQUESTS: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
  start: supervisor.start,
  stop: supervisor.stop,
  eat: async () => {
    for (const eaten: Buffer[] = []; ; ) eaten.push(Buffer.alloc(1024 ** 2, 1))
  },
  unwant: (name) => metafile.update(changeAgent(name, (agent) => ({ ...agent, wanted: 'stopped' }))),
}

await supervisor.service.start()
tell({ kind: 'adopted-all' })
for await (const line of createInterface(process.stdin)) {
  const [request = '', name = ''] = line.split(' ')
  await REQUESTS[request]?.(name)
  tell({ kind: 'answer' })
}
await supervisor.service.stop()

function tell(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
