import type { Stage } from './run-stages.ts'

/** What `npm run check` is made of; the longest first, so that none is left running alone at the end. */
export const CHECKS: readonly Stage[] = [
  { name: 'unit', command: ['node', 'node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter', 'dot'] },
  { name: 'unused', command: ['knip', '--no-config-hints', '--no-progress'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'] },
  { name: 'imports', command: ['node', 'scripts/check-imports.ts'] },
  { name: 'format', command: ['biome', 'format', '--reporter', 'summary', '.'] },
]

/** Puts every file into the one format. */
export const FORMATTING: Stage = { name: 'fix', command: ['biome', 'format', '--write', '.'] }
