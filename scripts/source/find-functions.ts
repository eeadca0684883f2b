import { lineAt } from './mask.ts'

/** A function with a body in braces. */
export interface FoundFunction {
  /** Its own name, or the name of what it is given to; `(anonymous)` when there is neither. */
  readonly name: string
  readonly line: number
  /** From the line of its name to that of its closing brace. */
  readonly lines: number
  readonly parameters: number
}

/**
 * Finds the functions of masked code (see mask.ts). They are told by their shape, a pair of parentheses followed by
 * `{`, by `=> {`, or by either after a return type, so: arrow functions whose body is an expression are not counted, and
 * a return type that itself ends in a bare function type is not seen through.
 */
export function findFunctions(code: string): FoundFunction[] {
  const found: FoundFunction[] = []
  for (let open = code.indexOf('('); open >= 0; open = code.indexOf('(', open + 1)) {
    const head = /([\w$#]*)(?:<[^<>()]*>)?\s*$/.exec(code.slice(Math.max(0, open - 200), open))?.[1] ?? ''
    const close = matching(code, open)
    const body = close === undefined || NO_FUNCTION.has(head) ? undefined : bodyAfter(code, close + 1)
    const end = body === undefined ? undefined : matching(code, body)
    if (close === undefined || end === undefined) continue
    const line = lineAt(code, open)
    const name = nameOf(code, open, head)
    found.push({ name, line, lines: lineAt(code, end) - line + 1, parameters: countParameters(code.slice(open + 1, close)) })
  }
  return found
}

/** Words that put a brace behind parentheses without being a function. */
const NO_FUNCTION = new Set('if for while switch catch with await'.split(' '))

/** The offset of the brace that opens the body of a function whose parameters end before `at`. */
function bodyAfter(code: string, at: number): number | undefined {
  const start = skipBlank(code, at)
  if (code[start] === '{') return start
  if (code.startsWith('=>', start)) return braceAt(code, start + 2)
  return code[start] === ':' ? bodyAfterType(code, start + 1) : undefined
}

/** Walks over a return type. A brace is part of it where a type is expected, and opens the body where it is complete. */
function bodyAfterType(code: string, start: number): number | undefined {
  let expected = true
  for (let at = start; at < code.length; at++) {
    const letter = code[at] ?? ''
    if (/\s/.test(letter)) continue
    if (code.startsWith('=>', at)) return braceAt(code, at + 2)
    if (letter === '{' && !expected) return at
    if (';,)]}='.includes(letter)) return undefined
    if ('{[(<'.includes(letter)) at = matching(code, at) ?? code.length
    expected = '|&:?'.includes(letter) || / (?:is|keyof|typeof|readonly) $/.test(code.slice(at - 10, at + 1))
  }
  return undefined
}

function braceAt(code: string, at: number): number | undefined {
  const start = skipBlank(code, at)
  return code[start] === '{' ? start : undefined
}

function nameOf(code: string, open: number, head: string): string {
  if (head !== '' && head !== 'function' && head !== 'async') return head
  const given = /([\w$]+)\s*(?::[^=;{}]*)?[=:]\s*(?:async\s*)?(?:function\s*)?(?:<[^<>()]*>\s*)?$/.exec(
    code.slice(Math.max(0, open - 200), open),
  )
  return given?.[1] ?? '(anonymous)'
}

/** Top-level commas; those inside brackets and type arguments belong to one parameter. A trailing comma adds none. */
function countParameters(list: string): number {
  let depth = 0
  let commas = 0
  for (const [at, letter] of [...list].entries()) {
    if ('([{<'.includes(letter)) depth++
    else if (')]}'.includes(letter) || (letter === '>' && list[at - 1] !== '=')) depth--
    else if (letter === ',' && depth === 0) commas++
  }
  const written = list.trim()
  return written === '' ? 0 : commas + (written.endsWith(',') ? 0 : 1)
}

/** The offset of the bracket that closes the one at `open`. */
function matching(code: string, open: number): number | undefined {
  const [opening = '', closing = ''] = PAIRS.find((pair) => pair[0] === code[open]) ?? []
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at] === opening) depth++
    else if (code[at] === closing && !(closing === '>' && code[at - 1] === '=') && --depth === 0) return at
  }
  return undefined
}

const PAIRS = ['()', '[]', '{}', '<>']

function skipBlank(code: string, at: number): number {
  let next = at
  while (/\s/.test(code[next] ?? '')) next++
  return next
}
