import manifest from '../package.json' with { type: 'json' }

/** Put in place of this name by the build; in a checkout there is none. */
declare const BOOTAGENT_BUILD: { readonly version: string } | undefined

/** This program's version, as `-V` says it. */
export const VERSION: string = typeof BOOTAGENT_BUILD === 'undefined' ? manifest.version : BOOTAGENT_BUILD.version
