export { type BootAgent, compose, type Ingredients, workerProgram } from './compose.ts'
export type { Announce, Happening } from './happening.ts'
export { type Config, readConfig } from './local/config.ts'
export { pathsOf } from './state/paths.ts'
