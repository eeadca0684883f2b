import { readFileSync, statSync } from 'node:fs'
import { fail, type Found, ok } from './finding.ts'
import { judgeAuthorities, judgeOwnCertificate } from './judge-certificates.ts'
import type { Tested } from './tested.ts'

/** They are read anew for each download: one that is missing now would fail every one. */
export function checkCertificates({ config, now }: Tested): Found[] {
  if (config.kind === 'unusable') return []
  const { ca, clientCert, clientKey } = config.config
  const files = [ca, clientCert, clientKey].filter((path) => path !== undefined)
  const refused = files.flatMap(refusalOf)
  if (refused.length > 0) return refused
  const authorities =
    ca === undefined
      ? ok('the authorities this program brings')
      : judgeAuthorities({ path: ca, text: readFileSync(ca, 'utf8') }, now)
  if (clientCert === undefined || clientKey === undefined) return [authorities]
  const cert = { path: clientCert, text: readFileSync(clientCert, 'utf8') }
  const key = { path: clientKey, text: readFileSync(clientKey, 'utf8'), mode: statSync(clientKey).mode }
  return [authorities, judgeOwnCertificate({ cert, key }, now)]
}

function refusalOf(path: string): Found[] {
  try {
    readFileSync(path)
    return []
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    return [fail(`${path} cannot be read (${error.message})`, 'put it there, or correct the local configuration')]
  }
}
