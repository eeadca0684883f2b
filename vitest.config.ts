import { defineConfig } from 'vitest/config'

/** Two projects: `unit` touches nothing but memory, `system` touches real disks, processes, sockets and databases. */
export default defineConfig({
  test: {
    environment: 'node',
    // A process a test file: what one file does to its process cannot reach another.
    pool: 'forks',
    // A test that passes the second time has found something: it fails.
    retry: 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'contrib/**/*.test.ts'],
          // Machines take long: `npm run test:vm`.
          exclude: ['**/node_modules/**', 'test/vm/scenarios/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // These start processes of their own; more side by side would only slow each other down.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
