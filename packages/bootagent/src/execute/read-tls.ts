import { readFile } from 'node:fs/promises'
import { StepError } from '../errors.ts'
import type { Tls } from '../worker/request.ts'

/** The files of the local configuration that say whom to trust and who this host is. */
export type TlsFiles = { readonly [K in keyof Tls]?: string | undefined }

/** Reads them anew for each download, since certificates are replaced while BootAgent runs; throws `fetch-tls` naming the file. */
export async function readTls(files: TlsFiles): Promise<Tls> {
  const read = await Promise.all(
    (Object.keys(NAMES) as (keyof Tls)[]).map(async (kind) => [kind, await readOne(files[kind], NAMES[kind])] as const),
  )
  return Object.fromEntries(read.filter(([, text]) => text !== undefined))
}

const NAMES: { readonly [K in keyof Tls]-?: string } = {
  ca: 'the certificates to trust',
  cert: 'the certificate of this host',
  key: 'the key of this host',
}

async function readOne(path: string | undefined, what: string): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new StepError('fetch-tls', `${what} cannot be read: ${(error as Error).message}`, error)
  }
}
