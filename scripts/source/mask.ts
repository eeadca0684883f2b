/** A source text with everything that is not code blanked out, offset for offset and line for line. */
export interface Masked {
  /** Comments, the insides of strings and templates, and regular expressions are spaces; quotes and newlines stay. */
  readonly code: string
  /** The comments alone, the rest spaces. */
  readonly comments: string
}

/**
 * Tells code from comments and literals. It is a scanner, not a parser: whether `/` divides or begins a regular
 * expression is told from the token before it, and an unclosed quote (an apostrophe in JSX text) ends with its line.
 */
export function maskSource(text: string): Masked {
  const code = [...text.replaceAll(/[^\n]/gu, (letter) => ' '.repeat(letter.length))]
  const comments = [...code]
  const keep = (into: string[], from: number, to: number) => {
    for (let at = from; at < to; at++) into[at] = text[at] ?? ''
  }
  // One entry for each template we are inside of: how many braces are open since its `${`.
  const templates: number[] = []
  let lastToken = ''

  for (let at = 0; at < text.length; ) {
    const piece = nextPiece(text, at, lastToken, templates)
    if (piece.kind === 'comment') keep(comments, at, piece.end)
    else if (piece.kind === 'code') keep(code, at, piece.end)
    else keepEnds(piece)
    if (piece.kind !== 'comment' && text.slice(at, piece.end).trim() !== '') lastToken = text.slice(at, piece.end)
    at = piece.end
  }
  return { code: code.join(''), comments: comments.join('') }

  function keepEnds(piece: Piece): void {
    keep(code, piece.end - piece.tail, piece.end)
    keep(code, piece.start, piece.start + 1)
  }
}

interface Piece {
  readonly kind: 'comment' | 'code' | 'literal'
  readonly start: number
  readonly end: number
  /** How many of a literal's last characters are its closing mark: a quote, or `${`. */
  readonly tail: number
}

function nextPiece(text: string, start: number, lastToken: string, templates: number[]): Piece {
  const code = (end: number): Piece => ({ kind: 'code', start, end, tail: 0 })
  const literal = (end: number, tail: number): Piece => ({ kind: 'literal', start, end, tail })
  const two = text.slice(start, start + 2)
  const one = text[start] ?? ''

  if (two === '//' || (two === '#!' && start === 0)) return { kind: 'comment', start, end: lineEnd(text, start), tail: 0 }
  if (two === '/*') return { kind: 'comment', start, end: after(text, '*/', start + 2), tail: 0 }
  if (one === '"' || one === "'") {
    const end = quoteEnd(text, start)
    return end === undefined ? code(start + 1) : literal(end, 1)
  }
  if (one === '`') return templatePiece(start)
  if (templates.length > 0 && (one === '{' || one === '}')) {
    const open = templates.pop() ?? 0
    if (one === '}' && open === 0) return templatePiece(start)
    templates.push(open + (one === '{' ? 1 : -1))
  }
  if (one === '/' && beginsRegex(lastToken)) {
    const end = regexEnd(text, start)
    if (end !== undefined) return literal(end, 0)
  }
  return code(start + (WORD.exec(text.slice(start, start + 200))?.[0].length ?? 1))

  /** From a backtick, or the brace that ends a `${…}`, to the next `${` or the closing backtick. */
  function templatePiece(from: number): Piece {
    for (let at = from + 1; at < text.length; at++) {
      if (text[at] === '\\') at++
      else if (text[at] === '`') return literal(at + 1, 1)
      else if (text.startsWith('${', at)) {
        templates.push(0)
        return literal(at + 2, 2)
      }
    }
    return literal(text.length, 0)
  }
}

const WORD = /^[\p{ID_Start}$_#][\p{ID_Continue}$]*|^[0-9][\w.]*|^\s+/u
/** After one of these words a value is expected, so a slash begins a regular expression. */
const BEFORE_VALUE = new Set('return typeof case in of do else void delete throw new await yield instanceof'.split(' '))

function beginsRegex(lastToken: string): boolean {
  if (/^[\p{ID_Start}$_#0-9]/u.test(lastToken)) return BEFORE_VALUE.has(lastToken)
  return !/[)\]}"'`]$/.test(lastToken)
}

function regexEnd(text: string, start: number): number | undefined {
  let inClass = false
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) return at + 1 + (/^[a-z]*/.exec(text.slice(at + 1))?.[0].length ?? 0)
  }
  return undefined
}

function quoteEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[start]) return at + 1
  }
  return undefined
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

function after(text: string, mark: string, start: number): number {
  const at = text.indexOf(mark, start)
  return at < 0 ? text.length : at + mark.length
}

/** The line an offset is on, from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
