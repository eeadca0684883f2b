import { runWorker } from '../../src/worker/run-worker.ts'

await runWorker()
