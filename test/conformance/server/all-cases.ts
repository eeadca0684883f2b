import { DOWNLOAD_CASES } from './cases/download.ts'
import { HOSTILE_CASES } from './cases/hostile.ts'
import { JOB_CASES } from './cases/jobs.ts'
import { REGISTER_CASES } from './cases/register.ts'
import { REPORT_CASES } from './cases/report.ts'
import type { ServerCase } from './server-case.ts'

/** Every case a server is put to, in the order of a host's life. */
export const SERVER_CASES: readonly ServerCase[] = [
  ...REGISTER_CASES,
  ...REPORT_CASES,
  ...JOB_CASES,
  ...DOWNLOAD_CASES,
  ...HOSTILE_CASES,
]
