import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'
import { crashPoint, whenAborted } from '@bootagent/runtime'
import { StepError } from '../../errors.ts'
import { AGAIN } from '../../leaving.ts'
import { executableOf, fillSlot, forgetFailure, readSlots, switchSlot } from '../../own/slots.ts'
import type { StepPayloads } from '../../plan/step.ts'
import type { Metafile, OwnUpgrade } from '../../state/metafile-schema.ts'
import { holdsVersion } from '../../state/own-slots.ts'
import { judgeClaims } from '../judge-claims.ts'
import type { Work } from '../tools.ts'
import { withUnpacked } from './unpack.ts'

/** Where the executable lies in a package: as it is installed on a host, or alone. */
const PLACES = ['usr/lib/bootagent/bootagent', 'bootagent']

/** Puts the executable out of the package into the slot. */
export async function fillOwnSlot({ slot, digest, format, stated }: StepPayloads['fill-slot'], work: Work): Promise<void> {
  const found = work.findings.package
  if (found === undefined) throw new StepError('internal', 'a package is unpacked only after it was verified')
  judgeClaims(found, { ...work.platform, name: 'BootAgent', version: stated })
  await withUnpacked({ digest, format, bytes: found.bytes }, work, async ({ directory }) => {
    const executable = await findExecutable(directory)
    await fillSlot(work.paths, slot, executable)
  })
}

async function findExecutable(tree: string): Promise<string> {
  for (const place of PLACES) {
    const path = `${tree}/${place}`
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  throw new StepError('nothing-to-run', `the package holds no BootAgent: neither ${PLACES.join(' nor ')}`)
}

/** Seconds an executable may take for its own test. */
const TEST_TIMEOUT = 60_000

/** What does not pass its own test on this host is never started. */
export async function testOwnSlot({ slot, version }: StepPayloads['test-slot'], work: Work): Promise<void> {
  const executable = executableOf(work.paths, slot)
  const said = await ask(executable, ['-V'], work)
  const found = /^bootagent (\S+)/.exec(said)?.[1]
  if (found === undefined) throw new StepError('own-test-failed', `what is in slot ${slot} does not say that it is a BootAgent`)
  if (version !== undefined && !holdsVersion(version, found))
    throw new StepError('package-contradicts', `the package is said to be BootAgent ${version}, and is ${found}`)
  await ask(executable, ['-T', '--offline', '--no-agents', ...work.own.options], work)
  work.findings.ownVersion = found
}

async function ask(executable: string, args: readonly string[], { cutShort: signal }: Work): Promise<string> {
  try {
    return (await promisify(execFile)(executable, [...args], { timeout: TEST_TIMEOUT, signal, cwd: '/' })).stdout
  } catch (error) {
    signal.throwIfAborted()
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string }
    const line = /^FAIL.*$/m.exec(stdout)?.[0] ?? stderr.trim().split('\n')[0] ?? ''
    const why = line === '' ? (message.split('\n')[0] ?? '') : line.replaceAll(/\s+/g, ' ')
    throw new StepError('own-test-failed', `the new BootAgent does not pass its own test (${args[0]}): ${why}`, error)
  }
}

/** Notes the upgrade, then makes the switch: whoever runs after it finds whose it was. */
export async function switchOwnSlot({ from, to, tree }: StepPayloads['switch-slot'], work: Work): Promise<void> {
  const { paths, metafile, key, findings, platform } = work
  await forgetFailure(paths)
  const upgrade: OwnUpgrade = {
    job: key,
    from,
    to,
    version: findings.ownVersion ?? '',
    before: platform.bootagent,
    ...(tree === undefined ? {} : { tree }),
  }
  await metafile.update((was) => ({ ...was, own: { ...was.own, upgrade: { ...was.own?.upgrade, ...upgrade } } }))
  crashPoint('own:upgrade-recorded')
  await switchSlot(paths, { from, to })
  await metafile.update(changeUpgrade({ switched: true }))
  crashPoint('own:switch-recorded')
}

/** Ends this BootAgent. Never resolves: the job is planned again by the next one. */
export async function leave(_payload: StepPayloads['leave'], { leave: end, signal }: Work): Promise<void> {
  end(AGAIN)
  await whenAborted(signal)
  signal.throwIfAborted()
}

/** Resolves when this BootAgent has been kept; where it goes back instead, it ends first. */
export async function awaitOwnTrial(_payload: StepPayloads['await-own-trial'], { own, signal }: Work): Promise<void> {
  await Promise.race([own.kept, whenAborted(signal)])
  signal.throwIfAborted()
}

/** Takes over what the guard, or the BootAgent that gave itself up, has written down. */
export async function noteOwnFailure(_payload: StepPayloads['note-own-failure'], { paths, metafile }: Work): Promise<void> {
  const { failure = 'its guard gave it up' } = await readSlots(paths)
  await metafile.update(changeUpgrade({ failure }))
  crashPoint('own:failure-recorded')
  await forgetFailure(paths)
}

function changeUpgrade(change: Partial<OwnUpgrade>): (metafile: Metafile) => Metafile {
  return (metafile) =>
    metafile.own?.upgrade === undefined
      ? metafile
      : { ...metafile, own: { ...metafile.own, upgrade: { ...metafile.own.upgrade, ...change } } }
}
