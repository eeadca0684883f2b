import process from 'node:process'
import { RuntimeError, systemClock } from '@bootagent/runtime'
import type { BuildInfo } from '../../build-info.ts'
import { BootAgentError } from '../../errors.ts'
import { findMetafile } from '../../state/metafile.ts'
import { pathsOf } from '../../state/paths.ts'
import { readConfig } from '../config.ts'
import type { Options } from '../options.ts'
import { CHECKS } from './checks.ts'
import { fail, type Finding, type Found } from './finding.ts'
import { logFindings } from './log-findings.ts'
import { showFindings } from './show-findings.ts'
import type { Check, Tested, Unusable } from './tested.ts'

/**
 * `-T`: tests this host without running anything (seed 001, -T). It writes nothing but its own log, and that only where `-L` says so;
 * it starts nothing and registers nothing (ADR 0050). Prints a line a check, then `Success` or `Failed`; exit code 0 or 1.
 */
export async function testHost(options: Options, build: BuildInfo): Promise<number> {
  const tested = await prepare(options, build)
  const found = (await Promise.all(CHECKS.map((check) => make(check, tested)))).flat()
  const findings = options.log === undefined ? found : [...found, logFindings(options.log, found)]
  const failed = findings.some(({ verdict }) => verdict === 'FAIL')
  process.stdout.write(showFindings({ findings, failed, version: build.version }, options.json))
  return failed ? 1 : 0
}

async function prepare(options: Options, build: BuildInfo): Promise<Tested> {
  const paths = pathsOf(options.home, options.run)
  return {
    options,
    build,
    paths,
    config: await orUnusable(() => ({ kind: 'ok', config: readConfig(options.config) }) as const),
    metafile: await orUnusable(() => findMetafile(paths)),
    uid: process.geteuid?.() ?? 0,
    env: process.env,
    now: systemClock.now(),
  }
}

async function orUnusable<Value>(read: () => Value | Promise<Value>): Promise<Value | Unusable> {
  try {
    return await read()
  } catch (error) {
    return { kind: 'unusable', why: refusalOf(error) }
  }
}

/** What a check is refused by the system is a finding like any other; a fault of ours is thrown. */
async function make({ name, look }: Check, tested: Tested): Promise<Finding[]> {
  try {
    return (await look(tested)).map((found) => named(name, found))
  } catch (error) {
    return [named(name, fail(refusalOf(error), 'run it as root, and see what the disk says'))]
  }
}

function named(check: string, { verdict, subject, text, advice }: Found): Finding {
  return { check, ...(subject === undefined ? {} : { subject }), verdict, text, ...(advice === undefined ? {} : { advice }) }
}

function refusalOf(error: unknown): string {
  const known = error instanceof BootAgentError || error instanceof RuntimeError || (error instanceof Error && 'syscall' in error)
  if (!known) throw error
  return error.message
}
