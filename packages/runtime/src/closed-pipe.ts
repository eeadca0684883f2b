import type { EventEmitter } from 'node:events'

/** Lets a reader such as `head` go early: what is written to it from then on is dropped. Any other error of the streams stays one. */
export function letReadersGo(streams: readonly EventEmitter[]): void {
  for (const stream of streams) stream.on('error', ignoreClosedPipe)
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
