import { lineAt, maskSource } from '../source/mask.ts'

/** One module that a file takes something from. */
export interface Import {
  /** As written: `./clock.ts`, `node:fs`, `@bootagent/protocol`. Undefined for an `import()` of something computed. */
  readonly specifier: string | undefined
  readonly line: number
  /** `import type` and `export type`, which leave nothing behind at run time. An inline `{ type X }` is no such thing: the import stays. */
  readonly typeOnly: boolean
  /** The names taken at run time, as the module calls them; undefined when it may be any: `*`, a default, `import()`. */
  readonly names: readonly string[] | undefined
}

/** Every import, re-export and `import()` of a source text, in order. A type written `import('x').T` counts as a runtime import. */
export function findImports(source: string, code = maskSource(source).code): Import[] {
  const found = [...code.matchAll(STATIC), ...code.matchAll(DYNAMIC)].sort((a, b) => a.index - b.index)
  return found.map((match) => ({
    specifier: quoted(match, source),
    line: lineAt(source, match.index),
    typeOnly: /^(import|export)\s+type\b(?!\s*(,|from\b))/.test(match[0]),
    names: namesOf(match.groups?.['clause']),
  }))
}

// In masked code the inside of a string is blank, so what stands between the quotes is read from the source at the same place.
/** `import x from "y"`, `export * from "y"`, `import "y"`. Braces may span lines; nothing that ends a statement may come between. */
const STATIC = /(?<![\w$.])(?:import|export)\b(?:\s*|(?<clause>[\s\w$*{},]*?)\bfrom\s*)(?<quoted>"\s*"|'\s*')/dg
const DYNAMIC = /(?<![\w$.])import\s*\((?:\s*(?<quoted>"\s*"|'\s*'|`\s*`)\s*[,)])?/dg

function quoted(match: RegExpExecArray, source: string): string | undefined {
  const place = match.indices?.groups?.['quoted']
  return place === undefined ? undefined : source.slice(place[0] + 1, place[1] - 1)
}

function namesOf(clause: string | undefined): string[] | undefined {
  const list = /^\s*\{([^{}]*)\}\s*$/.exec(clause ?? '')?.[1]
  return list
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.replace(/\s+as\s.*$/, ''))
}
