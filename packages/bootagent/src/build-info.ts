/** What is fixed when the executable is built. */
export interface BuildInfo {
  readonly version: string
  /** The server list that is always there (seed 001, server addresses); empty when none was given. */
  readonly servers: string
  readonly commit: string
  /** Empty when it was not built but runs from a checkout. */
  readonly date: string
}

/** Put in place of this name by the build; in a checkout there is none. */
declare const BOOTAGENT_BUILD: BuildInfo | undefined

/** The build's own facts. */
export function buildInfo(): BuildInfo {
  if (typeof BOOTAGENT_BUILD !== 'undefined') return BOOTAGENT_BUILD
  return { version: '0.1.0', servers: '', commit: 'checkout', date: '' }
}
