import type { AgentCase } from './agent-case.ts'
import { LIFE_CASES } from './cases/life.ts'
import { JOB_CASES } from './cases/jobs.ts'
import { REGISTER_CASES } from './cases/register.ts'
import { REPORT_CASES } from './cases/report.ts'
import { RESULT_CASES } from './cases/results.ts'
import { SEED_REPLY_CASES } from './cases/seed-reply.ts'
import { SERVER_LIST_CASES } from './cases/server-list.ts'

/** Every case a BootAgent is put to, in the order of its life. */
export const AGENT_CASES: readonly AgentCase[] = [
  ...REGISTER_CASES,
  ...REPORT_CASES,
  ...SERVER_LIST_CASES,
  ...RESULT_CASES,
  ...JOB_CASES,
  ...LIFE_CASES,
  ...SEED_REPLY_CASES,
]
