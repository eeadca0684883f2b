import { enableCompileCache, flushCompileCache } from 'node:module'

// Hundreds of workers are started by tests: read and compiled once, each starts in half the time. What runs is the same.
enableCompileCache()
const { runWorker } = await import('../../src/worker/run-worker.ts')
const kind = process.argv[3]
// What it would load by itself, in time for the cache.
if (kind === 'download' || kind === 'inspect' || kind === 'unpack') await import(`../../src/worker/${kind}.ts`)
flushCompileCache()
await runWorker(kind)
