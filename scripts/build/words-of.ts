/** Reads a comma-separated list of known words, given for an option; throws an error that names the strange one and the known ones. */
export function wordsOf<Word extends string>(text: string, known: readonly Word[], option: string): Word[] {
  const words = text.split(',').map((word) => word.trim())
  const strange = words.find((word) => !known.includes(word as Word))
  if (strange !== undefined) throw new UnknownWord(`${option} ${strange}: known are ${known.join(', ')}`)
  return words as Word[]
}

/** A word that an option does not know. */
export class UnknownWord extends Error {}
