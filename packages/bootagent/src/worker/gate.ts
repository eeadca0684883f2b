import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { StepError } from '../errors.ts'
import { type Place, placeNamed, placeOf } from './place-of.ts'

/**
 * Keeps redirects from this host itself and from the link (ADR 0031): the first url may lead wherever its author says; a
 * redirect only to the places that the first url led to as well, and to everywhere else.
 */
export interface Gate {
  /** The first url is asked, for the first time or once more. */
  begin(): void
  /** Told of each url before it is asked; throws `fetch-redirect` when by itself it names a place it may not lead to. */
  admit(url: URL): void
  /** Looks names up for connections, and refuses those whose addresses are where a redirect may not lead. */
  readonly lookup: LookupFunction
}

export function createGate(): Gate {
  const open = new Set<Place>(['elsewhere'])
  let asked = 0

  function judge(place: Place): void {
    if (asked <= 1) open.add(place)
    else if (!open.has(place)) throw refusal(place)
  }

  return {
    begin() {
      asked = 0
    },
    admit(url) {
      asked += 1
      const place = placeNamed(url)
      if (place !== undefined) judge(place)
    },
    lookup: (hostname, options, callback) =>
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, [])
        try {
          // All of them: which one is connected to in the end, nobody here decides.
          for (const { address } of addresses) judge(placeOf(address))
        } catch (refused) {
          return callback(refused as NodeJS.ErrnoException, [])
        }
        const [first] = addresses
        if (options.all === true || first === undefined) callback(null, addresses)
        else callback(null, first.address, first.family)
      }),
  }
}

function refusal(place: Place): StepError {
  const where = place === 'this host' ? 'back to this host itself' : 'to an address that only this host’s own network has'
  return new StepError('fetch-redirect', `the package server led ${where}, where a package is not followed to`)
}
