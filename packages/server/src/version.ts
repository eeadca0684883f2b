import manifest from '../package.json' with { type: 'json' }

/** Put in place of this name by the build; in a checkout there is none. */
declare const BOOTAGENT_BUILD: { readonly version: string } | undefined

/** This server's version, as `-V` and `/health` say it. */
export const VERSION: string = typeof BOOTAGENT_BUILD === 'undefined' ? manifest.version : BOOTAGENT_BUILD.version
