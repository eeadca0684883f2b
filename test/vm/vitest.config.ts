import { defineConfig } from 'vitest/config'

/** Machines under emulation: one at a time, and nothing is a failure for being slow. */
export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    retry: 0,
    include: ['test/vm/scenarios/*.test.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    maxWorkers: 1,
    fileParallelism: false,
    // What follows builds on what went before, on one host.
    sequence: { concurrent: false },
    bail: 0,
  },
})
