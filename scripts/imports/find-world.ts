import { lineAt, maskSource } from '../source/mask.ts'
import { findImports, type Import } from './find-imports.ts'

/** One place where a file reaches past its arguments. */
export interface Touch {
  /** What it touches: `node:fs`, `fetch`, `the clock` … */
  readonly what: string
  readonly line: number
}

/**
 * Everything in a source text that makes it a shell: Node's own modules, the network, the disk, the clock, timers, the
 * process, randomness and the terminal. Found by name: a local that bears a global's name is told from it only when the
 * file declares it. A type-only import touches nothing.
 */
export function findWorld(source: string): Touch[] {
  const { code } = maskSource(source)
  const imported = findImports(source, code).flatMap((each) =>
    opensDoor(each) ? [{ what: each.specifier ?? '', line: each.line }] : [],
  )
  const named = Object.entries(WORLD).flatMap(([what, pattern]) =>
    [...code.matchAll(pattern)]
      .filter(([name]) => !isDeclared(name.trim(), code))
      .map(({ index }) => ({ what, line: lineAt(code, index) })),
  )
  return [...imported, ...named].sort((a, b) => a.line - b.line)
}

function opensDoor({ specifier = '', typeOnly, names }: Import): boolean {
  if (typeOnly) return false
  if (specifier.startsWith('node:')) return true
  const door = Object.hasOwn(DOORS, specifier) ? DOORS[specifier] : undefined
  return door !== undefined && (door === '*' || names === undefined || names.some((name) => door.includes(name)))
}

/** Packages that reach the world for whoever calls them, with the names by which they do. */
const DOORS: Readonly<Record<string, '*' | readonly string[]>> = {
  '@bootagent/runtime': [
    'writeFileAtomic',
    'readIfThere',
    'namesIfThere',
    'lockFile',
    'makeDirectory',
    'syncDirectory',
    'systemClock',
    'openLog',
  ],
  fastify: '*',
  undici: '*',
}

/** `Date.UTC(…)` and `new Date(milliseconds)` only compute; the clock is read by `Date.now`, `new Date()` and `Date()`. */
const WORLD: Readonly<Record<string, RegExp>> = {
  'the clock': /(?<![\w$.])(?:Date\s*\.\s*now\b|new\s+Date\s*\(\s*\)|(?<!new\s+)Date\s*\(|performance\s*\.)/g,
  timers: global('setTimeout|setInterval|setImmediate'),
  'a timer': /(?<![\w$.])AbortSignal\s*\.\s*timeout\b/g,
  'the process': global('process'),
  'the network': global('fetch|WebSocket|EventSource|XMLHttpRequest'),
  randomness: /(?<![\w$.])(?:Math\s*\.\s*random\b|crypto\s*\.\s*(?:randomUUID|getRandomValues)\b)/g,
  'the terminal': /(?<![\w$.])console\s*\./g,
  globalThis: global('globalThis'),
}

/** The names where they are used: not as a member (`x.fetch`), a key or parameter (`fetch: …`), a method (`fetch(url) {`) or a type. */
function global(names: string): RegExp {
  return new RegExp(`(?<![\\w$.])(?<!typeof\\s+)(?:${names})\\b(?!\\s*\\??:(?!:))(?!\\s*\\([^()]*\\)\\s*(?::[^=;\\n]*)?\\{)`, 'g')
}

/**
 * True when the file itself declares the name: as a variable, a function, a parameter with a type, or a part of one that
 * is taken apart. Where in the file is not looked at.
 */
function isDeclared(name: string, code: string): boolean {
  if (!/^\w+$/.test(name)) return false
  if (new RegExp(`\\b(?:const|let|function|class)\\s+${name}\\b`).test(code)) return true
  return [...code.matchAll(new RegExp(`(?<![\\w$.])${name}\\b`, 'g'))].some(
    ({ index }) => isParameter(code, index, name) || isTakenApart(code, index),
  )
}

function isParameter(code: string, at: number, name: string): boolean {
  const open = enclosing(code, at)
  return code[open] === '(' && /[(,]\s*$/.test(code.slice(0, at)) && /^\s*\??:/.test(code.slice(at + name.length))
}

/** `({ process }: World)`, `const { process } = world`; an object that is made, as in `f({ process })`, takes nothing apart. */
function isTakenApart(code: string, at: number): boolean {
  const open = enclosing(code, at)
  if (code[open] !== '{' || !/(?:[(,]|\b(?:const|let))\s*$/.test(code.slice(0, open))) return false
  const close = code.indexOf('}', at)
  return /^\s*(?::|=(?!=))/.test(code.slice(close + 1))
}

/** The offset of the bracket that is open around an offset; -1 when none is. */
function enclosing(code: string, offset: number): number {
  let closed = 0
  for (let at = offset - 1; at >= 0; at--) {
    const letter = code[at] ?? ''
    if (')]}'.includes(letter)) closed++
    else if ('([{'.includes(letter) && --closed < 0) return at
  }
  return -1
}
