import { AgentName, BootagentNeeded, FORMAT_ENDS, type PackageRecord, Run, Version } from '@bootagent/protocol'
import { Command, Option } from 'commander'
import { basename } from 'node:path'
import { CliError } from '../errors.ts'
import { examples } from '../options.ts'
import { readPackageFile } from '../package-file.ts'
import type { Perform } from '../perform.ts'
import { publishFile, type PackageIdentity } from '../publish-file.ts'
import { readRun, type RunOptions, withRun } from '../run-options.ts'
import { readWith, type Schema } from '../schema.ts'
import { packagesView } from '../views/package-view.ts'

interface PublishOptions extends RunOptions {
  readonly name?: string
  readonly packageVersion?: string
  readonly os?: string
  readonly arch?: string
  readonly bootagent?: string
}

/** `bootfleet publish`: gives the server a package that hosts can install. */
export function publishCommand(perform: Perform): Command {
  return withRun(new Command('publish'))
    .summary('Publish a package, so that hosts can install it.')
    .description(
      `Publish a package (${FORMAT_ENDS}), so that hosts can install it. Name, version and processor are read from ` +
        'the file name, NAME-VERSION-linux-x64.tar.gz, NAME_VERSION_ARCH.deb or NAME-VERSION-RELEASE.ARCH.rpm, unless they are given.',
    )
    .argument('<file>', 'the package')
    .option('--name <name>', 'the name agents of this package have')
    .option('--package-version <v>', 'the version')
    .addOption(
      new Option('--os <os>', 'the operating system it runs on; linux unless the file name says otherwise').choices(['linux']),
    )
    .addOption(
      new Option('--arch <arch>', 'the processor; any unless the file name says otherwise').choices(['x64', 'arm64', 'any']),
    )
    .option('--bootagent <need>', 'which BootAgent it needs, such as ">=1.4.0"; older ones refuse it before they fetch it')
    .addHelpText(
      'after',
      examples([
        'bootfleet publish sample-agent-1.0.0.tar.gz',
        'bootfleet publish node-exporter_1.8.2_amd64.deb --exec usr/bin/node_exporter --arg --web.disable-exporter-metrics',
      ]),
    )
    .action(
      perform<PublishOptions>(async (session, options, file: string) => {
        const record = await publishFile(session, file, await identify(basename(file), options))
        session.output.answer(record, (look) => packagesView([record], look))
        session.output.say(`install it with: ${session.again(installing(record))}`)
        return 'done'
      }),
    )
}

/** What was given goes before what the file name says. */
async function identify(file: string, options: PublishOptions): Promise<PackageIdentity> {
  const said = readPackageFile(file)
  if (said === undefined) throw new CliError('usage', `${file} is not a package: its name must end in one of ${FORMAT_ENDS}`)
  const run = readRun(options)
  return {
    file,
    name: await judged(AgentName, options.name ?? said.name, '--name'),
    version: await judged(Version, options.packageVersion ?? said.version, '--package-version'),
    os: options.os ?? said.os ?? 'linux',
    arch: options.arch ?? said.arch ?? 'any',
    bootagent: options.bootagent === undefined ? undefined : await judged(BootagentNeeded, options.bootagent, '--bootagent'),
    run: run === undefined ? undefined : await judged(Run, run, '--exec'),
  }
}

async function judged<Output>(schema: Schema<Output>, value: unknown, option: string): Promise<Output> {
  if (value === undefined) throw new CliError('usage', `the file name does not tell: give ${option}`)
  const reading = await readWith(schema, value)
  if ('refused' in reading) throw new CliError('usage', `${reading.refused} (${option})`)
  return reading.value
}

function installing({ name, version }: PackageRecord): string {
  return `install ${name} --package-version ${version} --all`
}
