/**
 * One line of an agent's output as a terminal can be trusted with it: tabs and colours stay, everything else a terminal would obey is
 * `\uFFFD`. A line with colours ends without any: it cannot hide or paint what comes after it.
 */
export function forTerminal(line: string): string {
  const parts = line.replace(/\r$/, '').split(COLOURS)
  const shown = parts.map((part, at) => (at % 2 === 1 ? part : part.replace(OBEYED, '\uFFFD'))).join('')
  return parts.length > 1 ? `${shown}\x1b[0m` : shown
}

const ESCAPE = '\u001B'
/** Select Graphic Rendition (ECMA-48 8.3.117) alone, and no longer than a colour is. */
export const COLOUR = `${ESCAPE}\\[[\\d;:]{0,30}m`
/** In a group, so that `split` keeps it. */
const COLOURS = new RegExp(`(${COLOUR})`)
const OBEYED = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
