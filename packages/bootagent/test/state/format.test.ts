import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Metafile, readMetafile } from '../../src/state/metafile-schema.ts'
import { outline } from './outline.ts'

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
}

// An upgrade of BootAgent: whoever is new must read what the one before has left, for ever. The file has one of everything, and is never
// changed: what is added later is not in it, and must be readable without.
test('a metafile of format 1 as it was first written is read, and nothing of it is lost', () => {
  const text = fixture('format-1.json')
  expect(readMetafile(text)).toEqual({ kind: 'ok', metafile: JSON.parse(text) })
})

// The way back of BootAgent itself: whoever is on trial has written the metafile, and the one before must read it. The page says what
// the first reader of format 1 demands, and is never changed: what is written must go on being all of it. More may be written, since
// readers drop what they do not know; another word in a list, another type, a field that is left out may not, before every release that
// can be gone back to has learnt to read it.
test('whatever is written in format 1 is what its first reader demands', () => {
  const written = new Set(outline(Metafile))
  const demanded = fixture('format-1.txt').trimEnd().split('\n')
  expect(demanded.filter((line) => !written.has(line))).toEqual([])
})
