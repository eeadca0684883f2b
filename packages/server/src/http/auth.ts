import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ServerError } from '../errors.ts'

/** Lets an operator's request pass or throws ServerError `token-needed`. */
export type OperatorGuard = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * With a token: every operator request must carry it. Without: the server listens on a loopback address only
 * ({@link refuseOpenDoor}), and the request must have been sent to a loopback name, or a web page whose own name was made
 * to resolve to 127.0.0.1 (DNS rebinding) could order the fleet about from an operator's browser.
 */
export function operatorGuard(token: string | undefined): OperatorGuard {
  return async (request, reply) => {
    if (token === undefined) return refuseForeignName(request.headers.host)
    if (bearerIs(token, request.headers.authorization)) return
    reply.header('www-authenticate', 'Bearer')
    throw new ServerError('token-needed', 'this needs the operator token: send Authorization: Bearer <token>')
  }
}

/** Throws ServerError `cannot-start` when operator requests would be open to the network. */
export function refuseOpenDoor(host: string, token: string | undefined): void {
  if (token !== undefined || isLoopback(host)) return
  const why = `listening on ${host} without an operator token would let anyone who reaches it order the whole fleet about`
  throw new ServerError('cannot-start', `${why}: give --token-file FILE, or listen on 127.0.0.1`)
}

/** The operator token: what the file holds, without the blanks around it. Throws ServerError when it cannot be read or is empty. */
export async function readToken(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new ServerError('cannot-start', `the token file cannot be read: ${error.message}`, error)
  })
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new ServerError('cannot-start', `the token file ${path} must hold one line of visible ASCII characters without blanks`)
}

function refuseForeignName(header: string | undefined): void {
  const name = /^(\[[^\]]*\]|[^:]*)(:\d{1,5})?$/.exec(header ?? '')?.[1] ?? ''
  if (isLoopback(name)) return
  const why = 'this server has no operator token and so serves operators only by a loopback name'
  throw new ServerError('token-needed', `${why}: use http://127.0.0.1, or start it with --token-file`)
}

/** Names of this very machine that no name server can give away. */
export function isLoopback(name: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?)$/i.test(name)
}

/** The digests are compared, not the tokens: they have one length, so the time it takes tells nothing about the token. */
function bearerIs(token: string, header: string | undefined): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
