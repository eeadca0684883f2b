import { parseServerList } from '@bootagent/protocol'
import { Command } from 'commander'
import { CliError } from '../errors.ts'
import { examples, wholeSeconds, withTarget, withWait } from '../options.ts'
import type { Perform } from '../perform.ts'
import { submitJob, type SubmitOptions } from '../submit-job.ts'

interface ConfigOptions extends SubmitOptions {
  readonly svrlist?: string
  readonly step?: number
}

/** `bootfleet config`: changes how BootAgent itself works on its hosts. */
export function configCommand(perform: Perform): Command {
  return withWait(withTarget(new Command('config')))
    .description('Change the server list or the reporting step of hosts. A new list is tried before it is kept.')
    .option('--svrlist <list>', 'the control servers, SVR1:PORT,SVR2')
    .option('--step <seconds>', 'the time between two reports; hosts keep it within 60 to 3600', wholeSeconds)
    .addHelpText(
      'after',
      examples([
        'bootfleet config --all --step 1200',
        'bootfleet config --host web-1 --svrlist 192.168.9.1:1234,backup:8180 --wait',
      ]),
    )
    .action(
      perform<ConfigOptions>((session, options) => {
        const { svrlist, step } = options
        if (svrlist === undefined && step === undefined)
          throw new CliError('usage', 'say what to change: --svrlist, --step, or both')
        if (svrlist !== undefined) checkServerList(svrlist)
        const change = { ...(svrlist === undefined ? {} : { svrlist }), ...(step === undefined ? {} : { step }) }
        return submitJob(session, { action: 'config', ...change }, options)
      }),
    )
}

function checkServerList(svrlist: string): void {
  const list = parseServerList(svrlist)
  if ('refused' in list) throw new CliError('usage', list.refused)
  if (list.servers.length === 0) throw new CliError('usage', 'the server list names no server')
}
