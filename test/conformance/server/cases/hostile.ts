import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type HostileCase, hostileCases } from '@bootagent/protocol/fixtures/hostile-cases.ts'
import { PATHS, SEED } from '../../seed.ts'
import { newHost, post } from '../seed-host.ts'
import type { ServerCase, ServerGround } from '../server-case.ts'

/** Bodies that are no report, each under its name. */
const NO_REPORTS: Readonly<Record<string, string | Uint8Array>> = {
  empty: '',
  text: 'hello',
  'JSON cut short': SEED.report.slice(0, -20),
  null: 'null',
  'a number': '7',
  'an empty list': '[]',
  'an empty object': '{}',
  'lists 30,000 deep': '['.repeat(30_000) + ']'.repeat(30_000),
  'bytes that are no text': new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
  gzip: new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
  'a list of reports': `[${SEED.report}]`,
  'agents as a word': SEED.report.replace(/"agents": \[[^\]]*\]/, '"agents": "none"'),
  'a registration': SEED.registration,
  '5 MB': ' '.repeat(5_000_000),
}

/** Anybody may send anything; the server refuses it and lives. */
export const HOSTILE_CASES: readonly ServerCase[] = [
  {
    name: 'hostile-bodies',
    claim: 'A body that is no report is refused with a 4xx, and the next good report is answered',
    source: 'PROTOCOL.md 2',
    async run(ground) {
      const answered = []
      for (const [what, body] of Object.entries(NO_REPORTS)) answered.push([what, await refusal(ground, PATHS.status, body)])
      assert.deepEqual(
        answered.filter(([, status]) => status !== '4xx'),
        [],
      )
      await lives(ground)
    },
  },
  {
    name: 'hostile-fixtures',
    claim: 'Each hostile registration and report of the fixtures is refused with a 4xx, and each that is only odd is taken',
    source: 'PROTOCOL.md 3',
    async run(ground) {
      const wrong = []
      for (const each of hostileCases().filter(({ message }) => message in DOORS)) {
        const body = written(each.body)
        if (body === undefined) continue
        const status = await refusal(ground, DOORS[each.message] ?? '', body)
        if (status !== (each.expect['accepted'] === true ? '2xx' : '4xx')) wrong.push(`${each.file} was answered ${status}`)
      }
      assert.deepEqual(wrong, [])
      await lives(ground)
    },
  },
  {
    name: 'hostile-half-request',
    claim: 'A host that dies in the middle of its report harms nobody else',
    source: 'PROTOCOL.md 2',
    async run(ground) {
      await dieInTheMiddle(ground)
      await lives(ground)
    },
  },
  {
    name: 'hostile-paths',
    claim: 'A path that leads out of the packages leads nowhere',
    source: 'PROTOCOL.md 8',
    async run(ground) {
      for (const path of ['/packages/..%2f..%2fetc/passwd', `/packages/${'0'.repeat(64)}/..%2f..%2fetc%2fpasswd`]) {
        assert.equal(await refusal(ground, path, ''), '4xx', path)
      }
      await lives(ground)
    },
  },
]

const DOORS: Readonly<Partial<Record<HostileCase['message'], string>>> = {
  'status-report': PATHS.status,
  'register-request': PATHS.register,
}

/** Undefined for lists too deep for JSON.stringify; `hostile-bodies` has such lists as text. */
function written(body: unknown): string | undefined {
  try {
    return JSON.stringify(body)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** `2xx`, `4xx` …; a server that hangs up on a body before all of it has come has refused it as well. */
async function refusal(ground: ServerGround, path: string, body: string | Uint8Array): Promise<string> {
  try {
    return `${Math.floor((await post(ground, path, body)).status / 100)}xx`
  } catch (error) {
    if (['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) return '4xx'
    throw error
  }
}

async function lives(ground: ServerGround): Promise<void> {
  const host = await newHost(ground)
  assert.deepEqual(await host.report(), [])
}

async function dieInTheMiddle({ url, signal }: ServerGround): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), signal })
  await once(socket, 'connect')
  const head = `POST ${PATHS.status} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${SEED.report.length}\r\n\r\n`
  await new Promise((sent) => socket.write(head + SEED.report.slice(0, 100), sent))
  socket.resetAndDestroy()
}
