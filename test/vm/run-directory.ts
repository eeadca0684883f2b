import { join } from 'node:path'

/** What a run makes and the next one makes anew: packages, the shelf, and the consoles of its machines, which outlive it. */
export const RUN_DIRECTORY = join(import.meta.dirname, '../../.cache/vm')
