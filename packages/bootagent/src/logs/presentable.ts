import { COLOUR } from './for-terminal.ts'

/** What an event has room for: lines, and characters of the JSON they become. */
export interface Room {
  readonly lines: number
  readonly characters: number
}

/**
 * The last lines of an agent's log as an event may carry them: no colours, nothing that a terminal would obey, no half characters; a long
 * line cut at its end. `JSON.stringify` of what it returns has at most `characters` characters; when that is too few, the newest
 * lines are kept.
 */
export function presentable(lines: readonly string[], room: Room = EVENT_ROOM): string[] {
  const longest = Math.floor(room.characters / 3)
  const kept: string[] = []
  let left = room.characters - '[]'.length
  for (const line of lines.slice(Math.max(0, lines.length - room.lines)).toReversed()) {
    const shown = cutTo(harmless(line), Math.min(longest, left - ','.length))
    if (shown === undefined) break
    kept.unshift(shown)
    left -= jsonLength(shown) + ','.length
  }
  return kept
}

/** Beside what else an event tells, within the 4,096 characters it may have. */
const EVENT_ROOM: Room = { lines: 30, characters: 3000 }

function harmless(line: string): string {
  return line
    .replace(COLOURS, '')
    .replace(/\r$/, '')
    .replaceAll('\t', ' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}

const COLOURS = new RegExp(COLOUR, 'g')

/** The longest beginning that fits, with `…` where something is missing; undefined when not even that has room. */
function cutTo(text: string, characters: number): string | undefined {
  if (jsonLength(text) <= characters) return text
  let [end, length] = [0, jsonLength('…')]
  for (const character of text) {
    length += jsonLength(character) - jsonLength('')
    if (length > characters) break
    end += character.length
  }
  return end > 0 ? `${text.slice(0, end)}…` : undefined
}

function jsonLength(text: string): number {
  return JSON.stringify(text).length
}
