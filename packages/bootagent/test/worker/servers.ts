import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Serves until the test is over; resolves to the address, without a slash at its end. */
export async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`
}

/** The same over TLS. */
export async function serveTls(certificate: Certificate, listener: RequestListener): Promise<string> {
  const options = { key: readFileSync(certificate.keyFile), cert: readFileSync(certificate.file) }
  return `https://127.0.0.1:${await listen(createTlsServer(options, listener))}`
}

/** A server that sends these bytes to whoever connects. */
export async function listen(server: Server & { closeAllConnections?(): void }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections?.()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A certificate that vouches for itself. */
export interface Certificate {
  readonly file: string
  readonly keyFile: string
}

/** Makes a certificate for one name, such as `IP:127.0.0.1`, in a directory. */
export function makeCertificate(directory: string, name: string): Certificate {
  const stem = name.replace(/\W/g, '-')
  const [file, keyFile] = [join(directory, `${stem}.pem`), join(directory, `${stem}.key`)]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${name}`]
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, '-days', '2', '-out', file], { stdio: 'ignore' })
  return { file, keyFile }
}
