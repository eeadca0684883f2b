import { Command } from 'commander'
import { examples, withTarget, withWait } from '../options.ts'
import type { Perform } from '../perform.ts'
import { submitJob, type SubmitOptions } from '../submit-job.ts'

/** The actions that need only an agent's name, and what each does. */
const CONTROLS = {
  start: 'Start an agent that was stopped, or that is fatal.',
  stop: 'Stop an agent; it stays stopped until it is started.',
  restart: 'Stop an agent and start it again.',
  rollback: 'Go back to the release an agent ran before this one, watched like any other.',
  reset: 'Forget the strikes of an agent that kept failing, and try it again.',
} as const

type Control = keyof typeof CONTROLS

interface ControlOptions extends SubmitOptions {
  readonly to?: string
}

/** `bootfleet start`, `stop`, `restart`, `rollback`, `reset`. */
export function controlCommands(perform: Perform): Command[] {
  return (Object.keys(CONTROLS) as Control[]).map((action) =>
    withOwn(action, withWait(withTarget(new Command(action))))
      .description(CONTROLS[action])
      .argument('<name>', 'the agent')
      .addHelpText(
        'after',
        examples([
          `bootfleet ${action} sample-agent --host web-1 web-2 --wait`,
          `bootfleet ${action} sample-agent --tags svc=ecs`,
        ]),
      )
      .action(
        perform<ControlOptions>((session, options, name: string) =>
          submitJob(session, { action, name, ...(options.to === undefined ? {} : { to: options.to }) }, options),
        ),
      ),
  )
}

function withOwn(action: Control, command: Command): Command {
  if (action !== 'rollback') return command
  return command.option('--to <release>', 'a version or a release the hosts still have; without it the one before')
}
