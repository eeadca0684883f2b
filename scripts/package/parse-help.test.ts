import { expect, test } from 'vitest'
import { parseHelp } from './parse-help.ts'

const HELP = `Usage: tool [options] [command]

Does things.

Options:
  -l, --level <level>  how much to log (choices: "debug", "info",
                       default: "info")
  --host <sn...>       these hosts
  --a-very-long-option-with <value>
                       told below
  -h                   print this

Commands:
  status [name]          print every agent, or
                         one
  logs [options] <name>  print the end

Examples:
  tool --not-an-option   of an example
`

test('options are read with their names, what they take and what they may be, over several lines', () => {
  expect(parseHelp(HELP).options.slice(0, 4)).toEqual([
    {
      names: ['-l', '--level'],
      takes: 'level',
      choices: ['debug', 'info'],
      does: 'how much to log (choices: "debug", "info", default: "info")',
    },
    { names: ['--host'], takes: 'sn...', choices: [], does: 'these hosts' },
    { names: ['--a-very-long-option-with'], takes: 'value', choices: [], does: 'told below' },
    { names: ['-h'], takes: undefined, choices: [], does: 'print this' },
  ])
})

test('commands are read with what follows them', () => {
  expect(parseHelp(HELP).commands).toEqual([
    { name: 'status', takes: '[name]', does: 'print every agent, or one' },
    { name: 'logs', takes: '[options] <name>', does: 'print the end' },
  ])
})

test('examples are neither options nor commands', () => {
  const { options, commands } = parseHelp(HELP)
  expect([options.length, commands.length]).toEqual([4, 2])
})
