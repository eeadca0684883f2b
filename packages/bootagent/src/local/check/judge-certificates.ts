import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { fail, type Found, ok, warn } from './finding.ts'

/** A PEM file, by its path and what is in it. */
export interface PemFile {
  readonly path: string
  readonly text: string
}

const DAY = 86_400_000
/** Days before its end at which a certificate is to be renewed. */
const SOON = 30

/** Judges the authorities that servers must be vouched for by: one that can be used is enough. */
export function judgeAuthorities({ path, text }: PemFile, now: number): Found {
  const read = readCertificates(text)
  if ('refused' in read) return fail(`${path} ${read.refused}`, 'it is to hold the certificates of authorities, as PEM')
  const { certificates } = read
  const good = certificates.filter((each) => validity(each, now).kind === 'good').length
  const said = `${path} holds ${certificates.length} ${certificates.length === 1 ? 'authority' : 'authorities'}`
  const ill = certificates.map((each) => validity(each, now)).find(({ kind }) => kind !== 'good')
  if (ill === undefined) return ok(said)
  const which = `${said}, of which one ${ill.said}`
  return good === 0 && certificates.every((each) => validity(each, now).kind === 'bad')
    ? fail(which, 'put a new one in its place; if it should be good, set the clock right')
    : warn(which, 'put a new one beside it')
}

/** Judges who this host is to servers that ask. */
export function judgeOwnCertificate({ cert, key }: { cert: PemFile; key: PemFile & { mode: number } }, now: number): Found {
  const read = readCertificates(cert.text)
  if ('refused' in read) return fail(`${cert.path} ${read.refused}`, 'it is to hold the certificate of this host, as PEM')
  const own = readKey(key)
  if ('refused' in own)
    return fail(`${key.path} ${own.refused}`, 'it is to hold the key of this host, as PEM and without a password')
  const [first] = read.certificates
  if (first === undefined || !first.checkPrivateKey(own.key))
    return fail(`the key in ${key.path} is not that of the certificate in ${cert.path}`, 'name the two that belong together')
  const { kind, said } = validity(first, now)
  if (kind === 'bad') return fail(`${cert.path} ${said}`, 'put a new one in its place; if it should be good, set the clock right')
  if (kind === 'soon') return warn(`${cert.path} ${said}`, 'put a new one in its place')
  if ((key.mode & 0o077) !== 0) return warn(`others can read the key in ${key.path}`, `chmod 600 ${key.path}`)
  return ok(`${cert.path} ${said}, and its key fits`)
}

/** Whether it holds now, as the end of a sentence. */
function validity({ validFromDate, validToDate }: X509Certificate, now: number): { kind: 'good' | 'soon' | 'bad'; said: string } {
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()]
  if (now < from) return { kind: 'bad', said: `is not valid before ${day(from)}` }
  if (now > to) return { kind: 'bad', said: `expired on ${day(to)}` }
  if (now > to - SOON * DAY) return { kind: 'soon', said: `expires on ${day(to)}, in ${Math.floor((to - now) / DAY)} days` }
  return { kind: 'good', said: `is valid until ${day(to)}` }
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function readCertificates(text: string): { certificates: X509Certificate[] } | { refused: string } {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) return { refused: 'holds no certificate' }
  try {
    return { certificates: blocks.map((block) => new X509Certificate(block)) }
  } catch (error) {
    if (!isOfCrypto(error)) throw error
    return { refused: 'holds a certificate that cannot be read' }
  }
}

function readKey({ text }: PemFile): { key: KeyObject } | { refused: string } {
  try {
    return { key: createPrivateKey(text) }
  } catch (error) {
    if (!isOfCrypto(error)) throw error
    const locked = (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE' || text.includes('ENCRYPTED')
    return { refused: locked ? 'is locked with a password' : 'holds no key that can be read' }
  }
}

/** OpenSSL's errors and Node's about them; what they say may show parts of a key, and is not told. */
function isOfCrypto(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^ERR_(?:OSSL|CRYPTO|MISSING_PASSPHRASE|INVALID_ARG)/.test((error as NodeJS.ErrnoException).code ?? '')
  )
}
