/**
 * A name from an archive or the network as a message may show it: at most 120 characters, in quotes, with everything escaped
 * that a terminal or a log would act on, or that could make one name look like another.
 */
export function quote(name: string): string {
  const shown = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name
  return JSON.stringify(shown).replace(INVISIBLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const LONGEST = 120
/** What JSON leaves as it is: C1 controls, zero-width characters, line separators and marks that turn the direction of writing. */
const INVISIBLE = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g
