import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An authority, and what a server it vouches for proves itself with; all PEM. */
export interface Certificates {
  readonly ca: string
  readonly key: string
  readonly cert: string
}

/** Has openssl make a new authority and a certificate for one subject, such as `IP:127.0.0.1`; valid for a day. */
export function makeCertificates(subject: string): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-ca-'))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  try {
    openssl('req', '-x509', ...curve, '-days', '1', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem')
    openssl(
      'req',
      ...curve,
      '-subj',
      '/CN=server',
      '-addext',
      `subjectAltName=${subject}`,
      '-keyout',
      'key.pem',
      '-out',
      'request.pem',
    )
    openssl(
      'x509',
      '-req',
      '-in',
      'request.pem',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-days',
      '1',
      '-copy_extensions',
      'copy',
      '-out',
      'cert.pem',
    )
    const [ca, key, cert] = ['ca.pem', 'key.pem', 'cert.pem'].map((file) => readFileSync(join(directory, file), 'utf8'))
    return { ca: ca ?? '', key: key ?? '', cert: cert ?? '' }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
