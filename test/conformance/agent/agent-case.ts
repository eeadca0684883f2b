import type { Case } from '../conformance-case.ts'
import type { Stage } from './stage.ts'

/** One thing a BootAgent must do. */
export type AgentCase = Case<Stage>
