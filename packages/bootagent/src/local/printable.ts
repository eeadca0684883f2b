/**
 * Everything that can move a cursor, change a colour, hide or reorder text: control and format characters, the separators
 * that start a line, halves of surrogate pairs. Names and messages come from hosts, and a host may be hostile.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line of text a terminal can be trusted with: what it would act on is shown as an escape, `\x1b`, instead. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => SHORT[character] ?? shownEscape(character))
}

/** One line of JSON with the same guarantee: JSON itself leaves C1 controls and bidirectional overrides as they are. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, jsonEscape)
}

function shownEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`
}

/** By UTF-16 unit, as JSON has no other escape. */
function jsonEscape(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
    .join('')
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
