/**
 * A piece of somebody else's text, fit to stand in a message: cut at `most` characters, and whatever a terminal would obey
 * instead of show (control, format, half a character) is a `\uFFFD`. A result's message is at most 500 characters; one longer would
 * make the server refuse the whole report.
 */
export function excerpt(text: string, most = 40): string {
  const shown = text.slice(0, most).replace(/\p{C}/gu, '\uFFFD')
  return text.length > most ? `${shown}…` : shown
}
