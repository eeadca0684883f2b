import type { FastifyRequest } from 'fastify'
import type { Database } from '../db/database.ts'
import { ServerError } from '../errors.ts'
import type { Handlers } from '../http/handler.ts'
import { type PublishingDesk, publishPackage } from '../packages/publish-package.ts'
import { readPackageOrder } from '../packages/read-package-order.ts'
import { listPackages } from '../views/package-views.ts'

/** `GET /api/v1/packages`, `PUT /api/v1/packages/:name/:version`. */
export function packageRoutes(db: Database, desk: PublishingDesk): Pick<Handlers, 'packages' | 'publish'> {
  return {
    packages: async () => ({ packages: await listPackages(db) }),
    publish({ params, query, request }) {
      const order = readPackageOrder(params, query)
      refuseLargeLength(request, desk.maxBytes)
      // Left open when reading stops early, or the refusal could not be sent.
      return publishPackage(desk, order, request.raw.iterator({ destroyOnReturn: false }))
    },
  }
}

/** A client that says beforehand how much it will send is told at once. */
function refuseLargeLength({ headers }: FastifyRequest, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) <= maxBytes) return
  throw new ServerError('too-large', `a package may have at most ${maxBytes} bytes`)
}
