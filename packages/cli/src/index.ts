export { EXITS, type ExitName } from './exit-codes.ts'
export type { Io, Sink } from './io.ts'
export { run } from './run.ts'
