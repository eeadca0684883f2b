import { expect, test } from 'vitest'
import { fillCommand, parseCommand } from './command.ts'

test('a command is split at blanks, and its values are put in afterwards: one with a blank stays one argument', () => {
  const command = parseCommand('  my-agent --home={home}  -S {servers}')
  expect(fillCommand(command, { home: '/a b', servers: 'x,y' })).toEqual(['my-agent', '--home=/a b', '-S', 'x,y'])
})

test('a name that has no value is left, whatever objects have by themselves', () => {
  expect(fillCommand(['a', '{other}', '{constructor}'], {})).toEqual(['a', '{other}', '{constructor}'])
})

test('nothing is no command', () => {
  expect(() => parseCommand(' ')).toThrow('empty')
})
