import { type CreateJob, parseLimits, WrittenLimits } from '@bootagent/protocol'
import { Command } from 'commander'
import { CliError } from '../errors.ts'
import { examples, withTarget, withWait } from '../options.ts'
import type { Perform } from '../perform.ts'
import { readConfigFiles } from '../read-config-files.ts'
import { readDeadline } from '../read-deadline.ts'
import { readSettings } from '../read-settings.ts'
import { readRun, type RunOptions, withRun } from '../run-options.ts'
import { readWith } from '../schema.ts'
import { submitJob, type SubmitOptions } from '../submit-job.ts'

interface DeliverOptions extends SubmitOptions, RunOptions {
  readonly packageVersion?: string
  readonly env?: readonly string[]
  readonly cpu?: string
  readonly memory?: string
  readonly pids?: string
  readonly nofile?: string
  readonly settings?: string
  readonly file?: readonly string[]
  readonly expect?: string
  readonly force?: boolean
  readonly deadline?: string
  readonly url?: string
  readonly checksum?: string
  readonly size?: string
  readonly rate?: string
}

const DELIVERIES = {
  install: 'Install a published package as an agent, and start it.',
  upgrade: 'Put another version of an agent in place of the one that runs; if it does not hold, the old one comes back.',
} as const
type Delivery = keyof typeof DELIVERIES

/** `bootfleet install` and `bootfleet upgrade`. */
export function deliverCommands(perform: Perform): Command[] {
  return (Object.keys(DELIVERIES) as Delivery[]).map((action) => deliverCommand(action, perform))
}

function deliverCommand(action: Delivery, perform: Perform): Command {
  return withWait(withRun(withTarget(new Command(action))))
    .description(DELIVERIES[action])
    .argument('<name>', 'the package, and so the agent')
    .option('--package-version <v>', 'the version; without it the newest published')
    .option('--env <k=v...>', "the agent's environment; replaces what it had")
    .option('--cpu <share>', 'a hard limit: 10% of one core, 250% for two and a half')
    .option('--memory <size>', 'a hard limit: 20M, 1G')
    .option('--pids <n>', 'a hard limit: processes at once')
    .option('--nofile <n>', 'a hard limit: files open at once, in each process')
    .option(
      '--file <path=local...>',
      'configuration files, read here and put where BOOTAGENT_CONFIG tells the agent; replaces what it had',
    )
    .option('--settings <file>', 'JSON with any of envs, limits, run, restart, health and files; the options above go over it')
    .option('--expect <release>', 'only where this release runs now: a version, or none')
    .option('--force', 'also where just this has failed its trial before')
    .option(
      '--deadline <time>',
      'begin by then, or not at all; an agent that is busy is waited for until then: 30m, 2h, or a date',
    )
    .option('--url <url>', 'a package that is not published: http, https, ftp, or file on the hosts themselves')
    .option('--checksum <sum>', 'with --url: SHA256: or SHA512: and the digits')
    .option('--size <bytes>', 'with --url: its exact length')
    .option('--rate <n>', 'the most KB a second that each host may fetch it at')
    .addHelpText(
      'after',
      examples([
        `bootfleet ${action} sample-agent --all --wait`,
        `bootfleet ${action} sample-agent --package-version 1.2.0 --tags svc=ecs --cpu 10% --memory 20M`,
        `bootfleet ${action} sample-agent --all --url ftp://mirror/sample-agent-1.2.0.tar.gz --checksum SHA512:9f2c… --rate 500`,
      ]),
    )
    .action(
      perform<DeliverOptions>(async (session, options, name: string) =>
        submitJob(session, await deliveryOf(action, name, { ...options, now: session.clock.now() }), options),
      ),
    )
}

async function deliveryOf(
  action: Delivery,
  name: string,
  options: DeliverOptions & { now: number },
): Promise<Omit<CreateJob, 'target'>> {
  const run = readRun(options)
  const settings = options.settings === undefined ? {} : await readSettings(options.settings)
  const limits = { ...settings.limits, ...limitsOf(options) }
  return {
    ...settings,
    action,
    name,
    ...(options.packageVersion === undefined ? {} : { version: options.packageVersion }),
    ...(options.env === undefined ? {} : { envs: readEnvs(options.env) }),
    ...(Object.keys(limits).length === 0 ? {} : { limits: await judged(limits) }),
    ...(run === undefined ? {} : { run }),
    ...(options.file === undefined ? {} : { files: readConfigFiles(options.file) }),
    ...(options.expect === undefined ? {} : { expect: options.expect }),
    ...(options.force === undefined ? {} : { force: options.force }),
    ...(options.deadline === undefined ? {} : { deadline: readDeadline(options.deadline, options.now) }),
    ...sourceOf(options),
  }
}

function sourceOf({ url, checksum, size, rate }: DeliverOptions): Pick<CreateJob, 'url' | 'checksum' | 'size' | 'rate'> {
  if ((url === undefined) !== (checksum === undefined))
    throw new CliError('usage', '--url and --checksum belong together: hosts take no package that they cannot check')
  if (url === undefined && size !== undefined) throw new CliError('usage', '--size belongs to --url')
  return {
    ...(url === undefined ? {} : { url }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(rate === undefined ? {} : { rate: Number(rate) }),
  }
}

function readEnvs(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map(readPair))
}

function readPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new CliError('usage', `--env ${pair}: write NAME=VALUE`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

function limitsOf({ cpu, memory, pids, nofile }: DeliverOptions): WrittenLimits {
  return {
    ...(cpu === undefined ? {} : { CPU: cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(pids === undefined ? {} : { pids: Number(pids) }),
    ...(nofile === undefined ? {} : { nofile: Number(nofile) }),
  }
}

/** Refused here, where it was typed, and not only by every host. */
async function judged(limits: WrittenLimits): Promise<WrittenLimits> {
  const shape = await readWith(WrittenLimits, limits)
  if ('refused' in shape) throw new CliError('usage', `limits.${shape.refused}`)
  const read = parseLimits(limits)
  if ('refused' in read) throw new CliError('usage', read.refused)
  return limits
}
