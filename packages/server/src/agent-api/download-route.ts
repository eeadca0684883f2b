import type { FastifyReply, FastifyRequest } from 'fastify'
import { ServerError } from '../errors.ts'
import type { Handler } from '../http/handler.ts'
import type { BlobStore } from '../packages/blob-store.ts'
import type { Package } from '../packages/package.ts'
import { type Part, readRange } from '../packages/read-range.ts'
import type { Transact } from '../stores.ts'

/** What the route needs. */
export interface DownloadDoor {
  readonly transact: Transact
  readonly blobs: BlobStore
}

/**
 * `GET /packages/:sha256/:file`: a package's bytes, or a part of them for a host that goes on where it was cut off
 * (RFC 9110, 13 and 14). The path is looked up among the records and never becomes a file name; only the record's digest does.
 */
export function downloadRoute({ transact, blobs }: DownloadDoor): Handler<'download'> {
  return async ({ params: { sha256 = '', file = '' }, request, reply }) => {
    const found = await transact(({ packages }) => packages.findFile(sha256, file))
    if (found === undefined) throw new ServerError('not-found', 'no package is published by that digest and file name')
    if (isKnown(request, found)) return describe(found, reply).code(304).send()
    const part = wantedPart(request, found)
    if (part === 'unsatisfiable') return refuseRange(reply, found)
    // Opened before a header is set: a blob that cannot be read must not be announced as one that is good for ever.
    const bytes = request.method === 'HEAD' ? undefined : await blobs.read(found.sha256, part)
    return measure(part, found, describe(found, reply)).send(bytes)
  }
}

/** A digest names the same bytes for ever, and they are handed out as bytes: whatever they are, no browser shows them as a page. */
function describe(found: Package, reply: FastifyReply): FastifyReply {
  return reply.headers({
    etag: etagOf(found),
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
}

function measure(part: Part | undefined, { size }: Package, reply: FastifyReply): FastifyReply {
  if (part === undefined) return reply.header('content-length', size)
  const { first, last } = part
  return reply.code(206).headers({ 'content-length': last - first + 1, 'content-range': `bytes ${first}-${last}/${size}` })
}

function etagOf({ sha256 }: Package): string {
  return `"${sha256}"`
}

function isKnown({ headers }: FastifyRequest, found: Package): boolean {
  const known = headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, '')) ?? []
  return known.includes('*') || known.includes(etagOf(found))
}

/** The part that is asked for, undefined for all. A range counts only for the bytes the host began with: If-Range says which. */
function wantedPart({ headers }: FastifyRequest, found: Package): Part | undefined | 'unsatisfiable' {
  const began = headers['if-range']
  if (began !== undefined && began !== etagOf(found)) return undefined
  return readRange(headers.range, found.size)
}

function refuseRange(reply: FastifyReply, { size }: Package): FastifyReply {
  const problem = { code: 'out-of-range', message: `the range begins past the end of the package, which has ${size} bytes` }
  return reply.code(416).header('content-range', `bytes */${size}`).type('application/json').send(problem)
}
