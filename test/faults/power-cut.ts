import { rmSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { endAgentsOf } from '../../scripts/demo/end-agents.ts'
import type { Case, Cell } from './cell.ts'
import { chanceFrom } from './chance.ts'
import { clearAway } from './evidence.ts'
import { judge, judgeEnding } from './judge.ts'
import { beginHost, isReport, type Lab, order, result } from './lab.ts'
import { lookAtHost } from './look.ts'
import { type DiskKind, makeDisk, mountDisk, run, unmount, unmountIfThere } from './mounts.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'

/** Cases of a whole run, and of a sample. */
const CASES = { whole: 30, sample: 3 }

/**
 * The power goes at some moment of a job: the file system takes nothing more and forgets what it had not yet put down (FS_IOC_SHUTDOWN,
 * without a flush), every process is gone, and what is in /run with it. Then it is mounted again, and BootAgent is started.
 */
export const POWER_CUTS: readonly Cell[] = (['ext4', 'xfs'] as const).flatMap((kind) =>
  SCENARIOS.filter(({ name }) => ['install', 'upgrade', 'upgrade and back'].includes(name)).map((scenario) =>
    cutsOf(kind, scenario),
  ),
)

function cutsOf(kind: DiskKind, scenario: Scenario): Cell {
  return {
    scenario: scenario.name,
    fault: `power cut, ${kind}`,
    needs: 'disks',
    async *cases(lab, { sample, seed }) {
      const chance = chanceFrom(seed)
      const place = `${lab.fleet.directory}/${kind}-${scenario.name.replaceAll(' ', '-')}`
      makeDisk(kind, `${place}.image`)
      // How long the job takes here and now, from which the moments are drawn.
      let longest = 0
      for (let nth = 0; nth <= (sample ? CASES.sample : CASES.whole); nth++) {
        const moment = nth === 0 ? undefined : chance() * longest
        const found = await cutOnce(lab, scenario, { place, nth, moment })
        longest = Math.max(longest, found.took)
        yield found
      }
      rmSync(`${place}.image`)
    },
  }
}

/** One cut; without a moment there is none, and it is seen how long the job takes. */
async function cutOnce(
  lab: Lab,
  scenario: Scenario,
  { place, nth, moment }: { place: string; nth: number; moment: number | undefined },
): Promise<Case & { readonly took: number }> {
  const agentsn = `${place.slice(place.lastIndexOf('/') + 1)}-${nth}`
  const like = { ...scenario.like, home: `${place}/${agentsn}`, run: `${place}-run` }
  mountDisk(`${place}.image`, place)
  try {
    const doomed = await beginHost(lab, agentsn, {
      from: scenario.from,
      like,
      onHome: () => run('sync', ['--file-system', place]),
    })
    const since = performance.now()
    const job = await order(lab, agentsn, scenario.request)
    const done = doomed.line((line) => line['kind'] === 'job-done').then(() => doomed.nextLine(isReport))
    await (moment === undefined ? done : Promise.race([pause(moment), done]))
    const took = performance.now() - since
    // Nobody does anything more once the power is gone, and least of all because of errors of the disk.
    process.kill(doomed.pid, 'SIGSTOP')
    if (moment !== undefined) run('xfs_io', ['-x', '-c', 'shutdown', place])
    await doomed.stop('SIGKILL')
    endAgentsOf(like.home)
    rmSync(like.run, { recursive: true, force: true })
    await unmount(place)
    mountDisk(`${place}.image`, place)
    const host = lab.startHost(agentsn, {}, like)
    const told = await result(lab, host, { agentsn, job })
    const problems = [...judge(scenario, told, lookAtHost(like.home, lab.contents, job)), ...judgeEnding(scenario, told)]
    await host.stop()
    const name = `${agentsn}${moment === undefined ? '' : ` at ${Math.round(moment)} ms`}`
    return {
      name,
      took,
      fired: moment !== undefined,
      outcome: told.state,
      problems: clearAway(lab, { agentsn, ...like }, problems),
    }
  } finally {
    endAgentsOf(like.home)
    unmountIfThere(place)
    // What the next case finds there would be of this one's agents.
    rmSync(like.run, { recursive: true, force: true })
  }
}
