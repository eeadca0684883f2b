import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { type BenchOptions, say } from './bench-options.ts'
import { openBootAgent, tells } from './contenders/bootagent.ts'
import { openFileServer } from './contenders/nginx.ts'
import { watchPeakMemory } from './measure/peak-memory.ts'
import { buildBootAgent } from './setup/bootagent-program.ts'
import { ensureDeliveryPrograms } from './setup/delivery-programs.ts'
import { type LargePackage, makeLargePackages } from './setup/large-packages.ts'
import { writeDeliveriesPage } from './show/deliveries-page.ts'

/** One install; all times in milliseconds. */
export interface Delivery {
  /** From the first byte asked for until the release is whole, on the disk and on record. */
  readonly whole: number
  readonly download: number
  readonly verify: number
  readonly unpack: number
  /** The most memory they had, in bytes. */
  readonly daemon: number
  readonly worker: number
}

/** One kind of package, by BootAgent and by the pipeline, in turns. */
export interface DeliveryTrials {
  readonly package: LargePackage
  readonly deliveries: readonly Delivery[]
  /** `curl | tee >(sha256sum) | tar x`, and the same until all of it is on the disk. */
  readonly pipeline: readonly number[]
  readonly durable: readonly number[]
}

/** Installs large packages over loopback, beside the pipeline somebody would type. Claims nothing: it shows. */
export async function deliveries(options: BenchOptions): Promise<boolean> {
  ensureDeliveryPrograms()
  const rounds = options.quick ? 1 : 5
  const served = options.room.place('packages')
  say('making the packages')
  const packages = makeLargePackages(served, options.quick)
  const server = await openFileServer(options.room.place('nginx'), served)
  const trials: DeliveryTrials[] = []
  for (const each of packages) {
    const found = { deliveries: [] as Delivery[], pipeline: [] as number[], durable: [] as number[] }
    for (let round = 1; round <= rounds; round += 1) {
      say(`${each.format}: round ${round} of ${rounds}`)
      found.pipeline.push(pipe(each, server.url, options.room.place('pipeline'), ''))
      found.deliveries.push(await deliver(each, server.url, options))
      found.durable.push(pipe(each, server.url, options.room.place('pipeline'), '&& sync -f "$1"'))
    }
    trials.push({ package: each, ...found })
  }
  await server.close()
  writeDeliveriesPage(trials, options)
  return true
}

/** What somebody would type; the digest is computed on the way, and nothing of the archive is judged. */
function pipe({ file, unpack }: LargePackage, url: string, directory: string, then: string): number {
  const [tree, since] = [`${directory}/tree`, performance.now()]
  mkdirSync(tree)
  const script = `set -o pipefail; curl -sS "${url}/${file}" | tee >(sha256sum >"$1.sum") | (${unpack}) ${then}`
  const { status, stderr } = spawnSync('bash', ['-c', script, 'pipeline', tree], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the pipeline failed: ${stderr}`)
  return performance.now() - since
}

async function deliver(what: LargePackage, url: string, { room }: BenchOptions): Promise<Delivery> {
  const directory = room.place('bootagent')
  const bootagent = await openBootAgent(directory, {
    agents: {},
    executable: buildBootAgent().path,
    step: 1,
    settings: { stepMin: 0.2, gap: 0.1, trial: 0 },
  })
  const marks = new Map<string, number>()
  const off = bootagent.log.onLine((line) => {
    const step = /"kind":"(step-begun|step-done)".*"step":"([a-z-]+)"/.exec(line)
    if (step !== null) marks.set(`${step[1]} ${step[2]}`, Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? ''))
  })
  await bootagent.run()
  const memory = watchPeakMemory(bootagent.pid())
  const done = bootagent.log.next('job-done', tells('job-done'), { seconds: 300 })
  bootagent.give({ id: 'bench', action: 'install', name: 'large', url: `${url}/${what.file}`, checksum: `SHA256:${what.sha256}` })
  const [line = ''] = await done
  if (!line.includes('"errcode":0')) throw new Error(`the install failed: ${line}`)
  const { daemon, worker } = memory.read()
  memory.close()
  off()
  await bootagent.close()
  room.clear(directory)
  const between = (from: string, to: string) => (marks.get(to) ?? Number.NaN) - (marks.get(from) ?? Number.NaN)
  const step = (name: string) => between(`step-begun ${name}`, `step-done ${name}`)
  return {
    whole: between('step-begun download', 'step-done unpack'),
    download: step('download'),
    verify: step('verify'),
    unpack: step('unpack'),
    daemon,
    worker,
  }
}
