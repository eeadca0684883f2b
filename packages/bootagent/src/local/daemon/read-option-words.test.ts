import { expect, test } from 'vitest'
import { readOptionWords } from './read-option-words.ts'

test.each([
  ['', []],
  ['# OPTIONS="-S a"\n', []],
  ['OPTIONS="-L /var/log/bootagent/bootagent.log"\n', ['-L', '/var/log/bootagent/bootagent.log']],
  ["OPTIONS='-S a,b  -l debug'", ['-S', 'a,b', '-l', 'debug']],
  ['OPTIONS=-f', ['-f']],
  ['OPTIONS="-l info"\nOPTIONS="-l warn"\n', ['-l', 'warn']],
  [`OPTIONS='-L "/a place/log" -c /x'`, ['-L', '/a place/log', '-c', '/x']],
  ['OPTIONS=""', []],
])('%j is %j', (text, words) => {
  expect(readOptionWords(text)).toEqual(words)
})
