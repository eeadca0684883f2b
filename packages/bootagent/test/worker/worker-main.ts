import { enableCompileCache, flushCompileCache } from 'node:module'

// Hundreds of workers are started by tests: read and compiled once, each starts in half the time. What runs is the same.
enableCompileCache()
const { runWorker } = await import('../../src/worker/run-worker.ts')
flushCompileCache()
await runWorker()
