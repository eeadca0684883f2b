import process from 'node:process'
import type { Line } from './program.ts'

/** Where the demo is shown: to people as a list that grows, to machines as one JSON event a line. */
export interface Stage {
  say(stage: string, text: string): void
  /** A line of BootAgent's log; what is no stage of the story is passed over. */
  tell(line: Line): void
  table(text: string): void
  lookFurther(home: string, url: string, how: { keep: boolean; once: boolean; pids: readonly number[] }): void
}

/** The fields of a log line that a stage tells of are words and numbers. */
type Told = Readonly<Record<string, string | number>>

/** The stages of the story, in the words of BootAgent's log. */
const STAGES: Readonly<Record<string, (line: Told) => string | undefined>> = {
  registered: ({ agentsn, server }) => `this host is ${agentsn} at ${server}`,
  'job-accepted': ({ action, agent }) => `${action} ${agent}`,
  'agent-started': ({ name, release, pid }) => `${name} ${release} as process ${pid}`,
  'trial-kept': ({ name }) => `${name} held for the whole of its trial`,
  reported: ({ results }) => (Number(results) > 0 ? 'the result, and the server has it' : undefined),
}

const STEPS: Readonly<Record<string, string>> = { download: 'downloaded', verify: 'verified', unpack: 'unpacked' }
const NAMES: Readonly<Record<string, string>> = {
  'job-accepted': 'job received',
  'agent-started': 'started',
  'trial-kept': 'trial kept',
}

/** Opens the stage; times are seconds since now. */
export function createStage(json: boolean): Stage {
  const since = performance.now()
  const seconds = () => ((performance.now() - since) / 1000).toFixed(1)

  function say(stage: string, text: string): void {
    if (json) print(JSON.stringify({ stage, text, seconds: Number(seconds()) }))
    else print(`${seconds().padStart(5)} s  ${stage.padEnd(13)} ${text}`)
  }

  return {
    say,
    tell(line) {
      const kind = String(line['kind'])
      const text = STAGES[kind]?.(line as Told)
      if (text !== undefined) say(NAMES[kind] ?? kind, text)
      const step = kind === 'step-done' ? STEPS[String(line['step'])] : undefined
      if (step !== undefined) say(step, String(line['what']))
      if (kind === 'step-begun' && line['step'] === 'watch') say('on trial', String(line['what']))
    },
    table(text) {
      if (json) print(JSON.stringify({ stage: 'fleet', fleet: JSON.parse(text) as unknown }))
      else print(`\n${text}`)
    },
    lookFurther(home, url, { keep, once, pids }) {
      if (json) return say('running', home)
      if (once) return
      const bin = 'node_modules/.bin'
      print(`Look further, from another terminal in this directory:
  export BOOTFLEET_SERVER=${url}
  ${bin}/bootfleet hosts                              the fleet, as its server sees it
  ${bin}/bootfleet stop sample-agent --all --wait     stop the agent, and see that it was
  ${bin}/bootagent status --home ${home}/host
  ${bin}/bootagent inspect --home ${home}/host
  tail -f ${home}/host/agents/sample-agent/log/output.log
`)
      print(keep ? `It goes on. To end it: kill ${pids.join(' ')}; then remove ${home}` : 'Ctrl-C ends all of it.')
    },
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
