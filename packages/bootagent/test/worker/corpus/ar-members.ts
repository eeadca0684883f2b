import { file, targz } from './tar-blocks.ts'

/** One member of an ar archive. */
export type Member = readonly [name: string, body: Buffer | string]

/** An ar archive of members by name; a name longer than 16 characters spills, as it would. */
export function ar(...members: readonly Member[]): Buffer {
  const written = members.flatMap(([name, body]) => {
    const bytes = Buffer.from(body)
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`
    return [Buffer.from(header), bytes, Buffer.alloc(bytes.length % 2, '\n')]
  })
  return Buffer.concat([Buffer.from('!<arch>\n'), ...written])
}

export const DEB_VERSION = ['debian-binary', '2.0\n'] as const
export const DEB_CONTROL = ['control.tar.gz', targz(file('./control', 'Package: p\n'))] as const

/** A deb with this payload and nothing unusual about it. */
export function deb(...payload: readonly Buffer[]): Buffer {
  return ar(DEB_VERSION, DEB_CONTROL, ['data.tar.gz', targz(...payload)])
}
