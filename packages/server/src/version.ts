import manifest from '../package.json' with { type: 'json' }

/** This server's version, as `-V` and `/health` say it. */
export const VERSION: string = manifest.version
