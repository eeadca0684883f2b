import { type DeliveryJob, formatChecksum } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import {
  DIGESTS,
  exampleAgent,
  exampleRelease,
  exampleTrial,
  NEW,
  NEW_RELEASE,
  OLD,
  RELEASES,
} from '../../test/scenes/example-metafile.ts'
import { circumstances, delivery, hostOf, planned, running } from '../../test/scenes/host-of.ts'
import { fileSetId, fingerprint, hashFiles } from '../state/file-sets.ts'
import { planJob } from './plan.ts'

const INSTALL = delivery({ action: 'install' })
const UPGRADE = delivery()
const RUNNING = { record: exampleAgent(), running: running(OLD) }
const STOPPED = { record: exampleAgent({ wanted: 'stopped' }) }

const BRING = ['download http://packages.example/metrics-2.0.0.tar.gz', 'verify the tar.gz package', `unpack metrics ${NEW}`]
const STOP = ['wait until metrics is free', 'stop metrics']
const TRY = [`make ${NEW} the release of metrics, on trial`, 'start metrics', 'watch metrics through its trial']

describe('install', () => {
  test('on a fresh host brings the package, unpacks it, and starts it on trial', () => {
    expect(planned(INSTALL, hostOf())).toEqual([...BRING, ...TRY])
  })

  test('does not fetch what is here', () => {
    const [, ...rest] = BRING
    expect(planned(INSTALL, hostOf({}, { packages: new Set([DIGESTS.new]) }))).toEqual([...rest, ...TRY])
  })

  test('does not unpack a release that is here', () => {
    const record = exampleAgent({ releases: RELEASES })
    expect(planned(INSTALL, hostOf({ record, running: running(OLD) }))).toEqual([...STOP, ...TRY])
  })

  // A directory that no record names was renamed into place just before a crash; nobody knows whether it is whole.
  test('does not trust a release that is on the disk and not on record', () => {
    expect(planned(INSTALL, hostOf({ directory: true, installed: new Set() }))).toEqual([...BRING, ...TRY])
  })

  test('over another release is an upgrade', () => {
    expect(planned(INSTALL, hostOf(RUNNING))).toEqual([...BRING, ...STOP, ...TRY])
  })

  test('of an agent that is stopped starts it: that is what install asks for', () => {
    const [switching, ...started] = TRY
    expect(planned(INSTALL, hostOf(STOPPED))).toEqual([...BRING, switching, 'want metrics running', ...started])
  })
})

describe('over the same release', () => {
  const record = exampleAgent({
    release: NEW,
    releases: { [NEW]: exampleRelease({ version: '2.0.0', digest: DIGESTS.new, envs: { A: '1' } }) },
  })
  const here = { record, running: running(NEW) }

  test('there is nothing to do', () => {
    const plan = planJob(INSTALL, hostOf(here), circumstances())
    expect(plan).toEqual({ kind: 'end', end: { reason: 'success', message: `metrics ${NEW} runs` } })
  })

  // So that they are tried like any release, and go like one: settings that break an agent are not kept.
  test('settings that differ make another release of the same package, which is tried like any other', () => {
    const changed = delivery({ action: 'install', envs: { A: '2' } })
    expect(planned(changed, hostOf(here))).toEqual([
      `note ${NEW}.2 of metrics: the same package, run otherwise`,
      ...STOP,
      `make ${NEW}.2 the release of metrics, on trial`,
      'start metrics',
      'watch metrics through its trial',
    ])
  })

  test('settings that it had before make no third release', () => {
    const releases = {
      ...record.releases,
      [`${NEW}.2`]: { ...record.releases[NEW], tree: NEW, envs: { A: '2' } },
    } as typeof record.releases
    const plan = planned(
      delivery({ action: 'install', envs: { A: '2' } }),
      hostOf({ record: { ...record, releases }, running: running(NEW) }),
    )
    expect(plan).toContain(`make ${NEW}.2 the release of metrics, on trial`)
    expect(plan).not.toContain(`note ${NEW}.2 of metrics: the same package, run otherwise`)
  })

  test('limits alone are changed while it runs', () => {
    const changed = delivery({ action: 'install', limits: { memory: '20M' } })
    expect(planned(changed, hostOf(here))).toEqual([
      `note ${NEW}.2 of metrics: the same package, run otherwise`,
      `make ${NEW}.2 the release of metrics`,
      'hold metrics to its new limits',
    ])
  })

  test.each([
    ['no environment', {}],
    ['the same environment', { envs: { A: '1' } }],
    ['the same limits, none', { limits: {} }],
    ['the same program', { run: { exec: 'metrics' } }],
  ])('a job with %s changes nothing', (_, settings) => {
    expect(planned(delivery({ action: 'install', ...settings }), hostOf(here))).toEqual(['success'])
  })

  test('the order in which a job writes its settings is no change', () => {
    const releases = { [NEW]: exampleRelease({ version: '2.0.0', digest: DIGESTS.new, envs: { A: '1', B: '2' } }) }
    const job = delivery({ action: 'install', envs: { B: '2', A: '1' } })
    expect(planned(job, hostOf({ record: exampleAgent({ release: NEW, releases }), running: running(NEW) }))).toEqual(['success'])
  })

  test('an agent that is stopped is started by install, with no trial, and left by upgrade', () => {
    const stopped = hostOf({ record: { ...record, wanted: 'stopped' } })
    expect(planned(INSTALL, stopped)).toEqual(['want metrics running', 'start metrics'])
    expect(planned(UPGRADE, stopped)).toEqual(['success'])
  })

  test('an agent that was given up is forgiven and started', () => {
    expect(planned(INSTALL, hostOf({ record: { ...record, fatal: true } }))).toEqual(['want metrics running', 'start metrics'])
  })

  test('settings of an agent that is stopped change without starting it', () => {
    const changed = delivery({ limits: { memory: '20M' } })
    expect(planned(changed, hostOf({ record: { ...record, wanted: 'stopped' } }))).toEqual([
      `note ${NEW}.2 of metrics: the same package, run otherwise`,
      `make ${NEW}.2 the release of metrics`,
    ])
  })

  test('a release that has gone from the disk is brought again', () => {
    expect(planned(INSTALL, hostOf({ ...here, installed: new Set() }))).toEqual(BRING)
  })
})

describe('upgrade', () => {
  test('brings the new release first, so that the old one is stopped for as short as can be', () => {
    expect(planned(UPGRADE, hostOf(RUNNING))).toEqual([...BRING, ...STOP, ...TRY])
  })

  test('of an agent that is stopped leaves it stopped, and there is nothing to try', () => {
    expect(planned(UPGRADE, hostOf(STOPPED))).toEqual([...BRING, `make ${NEW} the release of metrics`])
  })

  test('of an agent that was given up is its new chance: the strikes were those of the old release', () => {
    const record = exampleAgent({ fatal: true, strikes: 4 })
    expect(planned(UPGRADE, hostOf({ record }))).toEqual([...BRING, ...TRY])
  })

  test('of an agent that is not here is refused', () => {
    expect(planned(UPGRADE, hostOf())).toEqual(['agent-missing'])
  })

  // Going back by an upgrade is a job like any other, and its settings count like those of any other.
  test('to a release that is here and was run otherwise runs it by what the job says', () => {
    const job = delivery({ envs: { A: '2' } })
    const host = hostOf({ record: exampleAgent({ releases: RELEASES }), running: running(OLD) })
    expect(planned(job, host)).toEqual([
      `note ${NEW}.2 of metrics: the same package, run otherwise`,
      ...STOP,
      `make ${NEW}.2 the release of metrics, on trial`,
      'start metrics',
      'watch metrics through its trial',
    ])
    expect(planJob(job, host, circumstances())).toMatchObject({
      steps: [{ like: NEW, settings: { envs: { A: '2' } } }, {}, {}, {}, {}, {}],
    })
  })

  test('of an agent that is busy waits as long as the host waits, or until the deadline of the job', () => {
    const waiting = (changes: Partial<DeliveryJob>) => {
      const plan = planJob(delivery(changes), hostOf(RUNNING), circumstances({ busySeconds: 60 }))
      return plan.kind === 'steps' ? plan.steps.find((step) => step.kind === 'await-free') : undefined
    }
    expect(waiting({})).toEqual({ kind: 'await-free', name: 'metrics', most: 60 })
    expect(waiting({ deadline: 2_000_000_000 })).toEqual({ kind: 'await-free', name: 'metrics', until: 2_000_000_000 })
  })
})

describe('configuration files', () => {
  const files = { 'web.yml': 'a: 1\n' }
  const job = delivery({ files })

  test('are put in place before anything speaks of them, and are part of the release', () => {
    const plan = planJob(job, hostOf(RUNNING), circumstances())
    expect(planned(job, hostOf(RUNNING))).toEqual(['put the files of metrics in place', ...BRING, ...STOP, ...TRY])
    expect(plan).toMatchObject({ steps: [{ files }, {}, {}, { settings: { files: hashFiles(files) } }, {}, {}, {}, {}, {}] })
  })

  test('that are here already are not written again', () => {
    const fileSets = new Set([fileSetId(hashFiles(files))])
    expect(planned(job, hostOf({ ...RUNNING, fileSets }))).toEqual([...BRING, ...STOP, ...TRY])
  })

  test('go along to the next release when a job says nothing of them', () => {
    const kept = hashFiles(files)
    const record = exampleAgent({ releases: { [OLD]: exampleRelease({ files: kept }) } })
    const plan = planJob(delivery(), hostOf({ record, running: running(OLD) }), circumstances())
    expect(plan).toMatchObject({ steps: [{}, {}, { kind: 'unpack', settings: { files: kept } }, {}, {}, {}, {}, {}] })
  })
})

describe('a release that failed its trial here', () => {
  const failed = {
    release: NEW,
    tree: NEW,
    asked: fingerprint({}),
    time: 1_700_000_000,
    why: 'it exited with code 3 after 20 s',
    exits: [],
    lines: [],
  }
  const host = hostOf({ ...RUNNING, failed: [failed] })

  test('is refused when just the same is offered again, and told when and of what it failed', () => {
    const plan = planJob(UPGRADE, host, circumstances())
    expect(plan.end).toEqual({
      reason: 'failed-before',
      message: `metrics ${NEW} failed its trial on 2023-11-14T22:13:20.000Z: it exited with code 3 after 20 s; "force" tries it again`,
    })
  })

  test.each([
    ['is forced', { force: true }],
    ['runs it otherwise', { envs: { A: '2' } }],
  ])('is tried again by a job that %s', (_, changes) => {
    expect(planned(delivery(changes), host)).toEqual([...BRING, ...STOP, ...TRY])
  })

  test('does not keep another release from being tried', () => {
    expect(planned(delivery({ checksum: formatChecksum('3'.repeat(64)) }), host)).not.toEqual(['failed-before'])
  })

  // The trial that is under way is the job's own, whatever is remembered of an earlier one.
  test('is not refused once the switch is made', () => {
    const record = exampleAgent({ release: NEW, previous: OLD, releases: RELEASES, trial: exampleTrial() })
    expect(planned(UPGRADE, hostOf({ record, failed: [failed] }))).toEqual(['start metrics', 'watch metrics through its trial'])
  })
})

describe('what the job expects to be here', () => {
  test.each([
    ['the release', OLD],
    ['its version', '1.0.0'],
  ])('is met by %s', (_, expected) => {
    expect(planned(delivery({ expect: expected }), hostOf(RUNNING))).toEqual(planned(UPGRADE, hostOf(RUNNING)))
  })

  test('is met by nothing at all where nothing is expected', () => {
    expect(planned(delivery({ action: 'install', expect: 'none' }), hostOf())).toEqual([...BRING, ...TRY])
  })

  test.each([
    ['another version', '0.9.0', RUNNING],
    ['the release of another package', '1.0.0-99999999', RUNNING],
    ['none, and there is one', 'none', RUNNING],
    ['a version, and there is none', '1.0.0', {}],
  ])('is not met: %s', (_, expected, agent) => {
    expect(planned(delivery({ action: 'install', expect: expected }), hostOf(agent))).toEqual(['expect-failed'])
  })

  test('is refused with both releases named', () => {
    const plan = planJob(delivery({ expect: '0.9.0' }), hostOf(RUNNING), circumstances())
    expect(plan.end?.message).toBe(`metrics is at ${OLD}, and the job for ${NEW} expects 0.9.0`)
  })

  // The half-made agent of this very job is no release yet.
  test('nothing is still met when a crash has left an agent without a release', () => {
    const record = exampleAgent({ release: null, releases: { [NEW]: NEW_RELEASE } })
    expect(planned(delivery({ action: 'install', expect: 'none' }), hostOf({ record }))).toEqual(TRY)
  })

  test('is not asked again once the switch is made: it would refuse our own work', () => {
    const record = exampleAgent({ release: NEW, previous: OLD, releases: RELEASES, trial: exampleTrial() })
    expect(planned(delivery({ expect: OLD }), hostOf({ record }))).toEqual(['start metrics', 'watch metrics through its trial'])
  })
})

describe('refused before anything is done', () => {
  test.each(['metrics-2.0.0.7z', 'metrics-2.0.0.tar.bz2', 'metrics', '', 'metrics.tar.gz.sig'])(
    'a kind of archive we do not unpack: %j',
    (file) => {
      expect(planned(delivery({ url: `http://packages.example/${file}` }), hostOf(RUNNING))).toEqual(['archive-unknown'])
    },
  )

  // D16: before anything is fetched.
  test('a package that needs a newer BootAgent than this one', () => {
    expect(planned(delivery({ bootagent: '>=1.4.1' }), hostOf(RUNNING))).toEqual(['bootagent-too-old'])
    expect(planned({ ...INSTALL, bootagent: '>=1.4.0' }, hostOf())).toEqual([...BRING, ...TRY])
  })

  test('one agent more than a report has room for; those that are here can still be upgraded', () => {
    expect(planned(INSTALL, hostOf({}, { agents: 200 }))).toEqual(['too-many-agents'])
    expect(planned(INSTALL, hostOf({}, { agents: 199 }))).toEqual([...BRING, ...TRY])
    expect(planned(UPGRADE, hostOf(RUNNING, { agents: 200 }))).toEqual([...BRING, ...STOP, ...TRY])
  })
})

describe('the version of a job that names none', () => {
  const releaseOf = (file: string, name = 'metrics') => {
    const plan = planJob(delivery({ action: 'install', name, url: `http://packages.example/${file}` }), hostOf(), circumstances())
    const unpack = plan.kind === 'steps' ? plan.steps.find((step) => step.kind === 'unpack') : undefined
    return unpack?.settings.version
  }
  const byDigest = DIGESTS.new.slice(0, 12)

  test.each([
    ['metrics-1.2.3.tar.gz', '1.2.3'],
    ['metrics-1.2.3.tgz', '1.2.3'],
    ['metrics_1.2.3.tar.gz', '1.2.3'],
    ['METRICS-1.2.3.TAR.GZ', '1.2.3'],
    ['metrics-7.tar.gz', '7'],
    ['metrics-1.2.3rc1.tar.gz', '1.2.3rc1'],
    ['metrics-1.2.3+git.5f3a.tar.gz', '1.2.3+git.5f3a'],
    ['metrics-1.2.3~beta2.tar.gz', '1.2.3~beta2'],
    ['metrics-1.2.3.linux-amd64.tar.gz', '1.2.3'],
    ['metrics-1.2.3-linux-x64.tar.gz', '1.2.3'],
    ['metrics-0.1.0-0.x86_64.tar.gz', '0.1.0'],
    ['metrics_0.1.0-1_amd64.deb', '0.1.0-1'],
    ['metrics_2.30-7+deb12u1_amd64.deb', '2.30-7+deb12u1'],
    ['metrics_2.30_amd64.deb', '2.30'],
    ['metrics-0.1.0-2.el9.x86_64.rpm', '0.1.0-2.el9'],
    ['metrics-1.2.3.tar.xz', '1.2.3'],
    ['metrics-1.2.3.tar', '1.2.3'],
    ['metrics-1.2.3%2Bb1.tar.gz', '1.2.3+b1'],
    ['metrics-1.2.3.tar.gz?token=2.0#9', '1.2.3'],
  ])('is what the file name %s says: %s', (file, version) => {
    expect(releaseOf(file)).toBe(version)
  })

  test.each([
    ['a name that says nothing', 'metrics.tar.gz'],
    ['a name of something else', 'logs-1.2.3.tar.gz'],
    ['a longer name that begins alike', 'metrics2-1.2.3.tar.gz'],
    ['a word where the version belongs', 'metrics-latest.tar.gz'],
    ['a name with a stray percent sign', '100%.tar.gz'],
    // The job would be planned, and fail, every minute for ever.
    ['a name that is not UTF-8 once decoded', 'metrics-%ff.tar.gz'],
    // A metafile that holds what its own schema refuses is not readable at the next start.
    ['a version longer than a version may be', `metrics-${'1.'.repeat(40)}0.tar.gz`],
  ])('is the beginning of the digest for %s', (_, file) => {
    expect(releaseOf(file)).toBe(byDigest)
  })
})
