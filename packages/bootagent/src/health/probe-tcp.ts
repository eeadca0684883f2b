import { connect, type Socket } from 'node:net'
import { findingOf } from './finding-of.ts'
import type { Finding, HealthOf } from './probe.ts'

/** Connects to a port of this host, and hangs up. */
export function probeTcp({ port }: HealthOf<'tcp'>, signal: AbortSignal): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<Finding>()
  if (signal.aborted) return Promise.resolve(undefined)
  const socket = connect({ host: '127.0.0.1', port, signal })
  socket.on('connect', () => resolve(greet(socket)))
  socket.on('error', (error) => resolve(signal.aborted ? undefined : findingOn(error)))
  return promise
}

function greet(socket: Socket): Finding {
  if (!isItself(socket)) {
    socket.destroy()
    return { ok: true }
  }
  // Reset, or the port would stay taken for a minute, and the agent could not listen there.
  socket.resetAndDestroy()
  return { ok: false, said: REFUSED }
}

/**
 * Where nobody listens, the kernel may pick the very port that is called for the caller's own end, and connects the socket to
 * itself. An agent that is asked for every second until it listens makes that a matter of hours.
 */
function isItself(socket: Socket): boolean {
  return socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress
}

const REFUSED = 'was refused: nothing listens there'

function findingOn(error: NodeJS.ErrnoException): Finding {
  // A call that is not taken is refused. Only one that was taken can be reset: by chance we hear of both at once.
  if (error.code === 'ECONNRESET') return { ok: true }
  return findingOf(error, error.code === 'ECONNREFUSED' ? REFUSED : `failed (${error.code ?? error.message})`)
}
