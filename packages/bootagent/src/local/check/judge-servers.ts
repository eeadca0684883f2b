import { fail, type Found, ok, warn } from './finding.ts'

/** How far asking a server comes, one after the other. */
export type Stage = 'name' | 'connection' | 'TLS' | 'answer'

/** What came of asking one server. */
export type Asked =
  | { readonly kind: 'answered'; readonly status: number }
  /** `code` is the system's, or OpenSSL's; `why` is in words. */
  | { readonly kind: 'failed'; readonly stage: Stage; readonly code: string; readonly why: string }

/** A server, from which list it is, and what came of asking it. */
export interface AskedServer {
  readonly server: string
  readonly list: string
  readonly asked: Asked
}

/** One that does not answer is no fault while another does: a host goes on to the next. When none does, every one is. */
export function judgeServers(servers: readonly AskedServer[]): Found[] {
  const some = servers.some(({ asked }) => asked.kind === 'answered')
  return servers.map(({ server, list, asked }) => {
    const subject = `${server} (${list})`
    if (asked.kind === 'failed') {
      const judged = some ? warn : fail
      return { subject, ...judged(`${STAGES[asked.stage]}: ${asked.why}`, adviceFor(asked)) }
    }
    if (asked.status < 500) return { subject, ...ok(`answers (${asked.status})`) }
    return { subject, ...warn(`answers, with ${asked.status}`, 'see what that server, or a proxy before it, says') }
  })
}

const STAGES: Readonly<Record<Stage, string>> = {
  name: 'not found',
  connection: 'no connection',
  TLS: 'no TLS',
  answer: 'no answer',
}

function adviceFor({ stage, code, why }: Extract<Asked, { kind: 'failed' }>): string {
  if (/wrong version number|packet length too long/.test(why))
    return 'it does not speak TLS there: write http://, or name the port at which it does'
  const known = ADVICE[code]
  if (known !== undefined) return known
  return {
    name: 'see /etc/resolv.conf and /etc/hosts, and whether the name is written right',
    connection: 'see that it runs, that its port is right, and that no firewall stands between',
    TLS: 'see what its certificate says, and the "ca" of the local configuration',
    answer: 'see that it speaks HTTP there, or https:// if that is what it speaks',
  }[stage]
}

const UNTRUSTED = 'name its authority as "ca" in the local configuration'
const OUT_OF_DATE = 'renew its certificate, or set the clock of this host right'

/** As OpenSSL and Node call what is wrong with a certificate. */
const ADVICE: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: OUT_OF_DATE,
  CERT_NOT_YET_VALID: OUT_OF_DATE,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: use that one in the list, or give it one for this',
}
