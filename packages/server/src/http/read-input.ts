import * as v from 'valibot'
import { ServerError } from '../errors.ts'

/** What a request carries, as its schema reads it; unknown fields are dropped. Throws ServerError `bad-request` that names the first bad field. */
export function readInput<Schema extends v.GenericSchema>(schema: Schema, raw: unknown): v.InferOutput<Schema> {
  const reading = v.safeParse(schema, raw)
  if (reading.success) return reading.output
  const [issue] = reading.issues
  const field = v.getDotPath(issue) ?? 'the body'
  const why = issue.received === 'undefined' ? `${field} is missing` : `${field}: ${issue.message}`
  throw new ServerError('bad-request', why.slice(0, 300))
}
