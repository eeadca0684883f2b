import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/** Where a name leads, or why that is not known; `code` is the system's. */
export type FoundAddresses =
  | { readonly kind: 'found'; readonly addresses: readonly { readonly address: string; readonly family: number }[] }
  | { readonly kind: 'unknown'; readonly code: string; readonly why: string }

/**
 * Asks the host for the addresses of a name, within `patience` milliseconds. By a program of the host's, which can be killed: a look-up
 * inside this process can be neither cut short nor left behind at its end, and a name server that never answers would hold that.
 */
export async function findAddresses(host: string, patience: number): Promise<FoundAddresses> {
  if (isIP(host) !== 0) return { kind: 'found', addresses: [{ address: host, family: isIP(host) }] }
  const said = await askGetent(host, patience)
  if (said.kind === 'not here') return lookUpHere(host)
  if (said.kind === 'late')
    return { kind: 'unknown', code: 'TIMEOUT', why: `its name was not looked up within ${patience / 1000} s` }
  const addresses = [...new Set(said.text.split('\n').map((line) => line.split(' ', 1)[0] ?? ''))].filter(
    (each) => isIP(each) !== 0,
  )
  if (addresses.length === 0) return { kind: 'unknown', code: 'ENOTFOUND', why: 'its name is not known' }
  return { kind: 'found', addresses: addresses.map((address) => ({ address, family: isIP(address) })) }
}

type GetentAnswer = { readonly kind: 'said'; readonly text: string } | { readonly kind: 'late' } | { readonly kind: 'not here' }

function askGetent(host: string, patience: number): Promise<GetentAnswer> {
  return new Promise((resolve) => {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
    execFile('getent', ['ahosts', '--', host], { env, timeout: patience, killSignal: 'SIGKILL' }, (error, stdout) => {
      if (error === null) resolve({ kind: 'said', text: stdout })
      else if (error.code === 'ENOENT') resolve({ kind: 'not here' })
      else resolve(error.killed === true ? { kind: 'late' } : { kind: 'said', text: '' })
    })
  })
}

/** Where there is no such program the process waits for what the host's own settings allow a look-up. */
async function lookUpHere(host: string): Promise<FoundAddresses> {
  try {
    return { kind: 'found', addresses: await lookup(host, { all: true }) }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    return { kind: 'unknown', code, why: message }
  }
}
