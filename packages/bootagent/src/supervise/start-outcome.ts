import { readStatus } from './exit-record.ts'
import type { StartOutcome } from './keeper-parts.ts'
import type { Proof } from './prove-start.ts'
import { describeEnding } from './restart-policy.ts'

/** What whoever asked for a start is told of it. */
export function outcomeOf(proof: Proof): StartOutcome {
  if (proof.kind === 'alive') return { kind: 'running', pid: proof.pid }
  if (proof.kind === 'silent') return { kind: 'failed', why: proof.why }
  if (proof.refused !== undefined) return { kind: 'failed', why: proof.refused }
  return { kind: 'failed', why: `it ${describeEnding(readStatus(proof.status))} at once` }
}
