export * from './fake-clock.ts'
export * from './jump-clock.ts'
export * from './stress-service.ts'
export * from './run-program.ts'
