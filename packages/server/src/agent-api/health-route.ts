import type { Handler } from '../http/handler.ts'
import { VERSION } from '../version.ts'

/** `GET /health`: that the server answers, and which it is. */
export function healthRoute(): Handler<'health'> {
  return async () => ({ status: 'ok', version: VERSION })
}
