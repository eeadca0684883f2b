/** One thing a peer must do: a claim, and how it is put to the test. `Ground` is what the test stands on. */
export interface Case<Ground> {
  /** How it is named in tables, on the page and in an xfails file. */
  readonly name: string
  /** What is so, as a sentence. */
  readonly claim: string
  /** Where it is written: a message of the seed, or a section of PROTOCOL.md. */
  readonly source: string
  /** What it needs besides a peer; without it the case is skipped. */
  readonly needs?: 'own-network'
  /** Resolves when the claim holds; rejects with what was seen instead. */
  readonly run: (ground: Ground) => Promise<void>
}

/** What one case came to; `why` is empty when the claim holds. */
export interface Verdict {
  readonly name: string
  readonly outcome: 'holds' | 'fails' | 'skipped'
  readonly why: string
}

/** Runs one claim to its verdict. Whatever is thrown is the finding, so nothing gets past it. */
export async function runClaim(name: string, claim: () => Promise<void>): Promise<Verdict> {
  try {
    await claim()
    return { name, outcome: 'holds', why: '' }
  } catch (error) {
    return { name, outcome: 'fails', why: error instanceof Error ? error.message : String(error) }
  }
}
