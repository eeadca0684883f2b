import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { isWhole, jsonIn, withJson } from './http-bytes.ts'

/** What is done to one exchange between a host and its server, each part where it is given. */
export interface NetworkFault {
  /** Done before the request is passed on. */
  readonly before?: () => Promise<void>
  /** Of the request only so many bytes are passed on, of so many; then both sides are cut off. */
  readonly request?: (length: number) => number
  /** The host is cut off, and its request reaches the server only after the next one. */
  readonly late?: true
  /** The request reaches the server so many times, one after the other; the last answer goes to the host. */
  readonly copies?: number
  /** Milliseconds before the request goes on, and again before the answer does. */
  readonly latency?: number
  /** Changes the jobs of the answer. */
  readonly jobs?: (jobs: readonly unknown[]) => readonly unknown[]
  /** Of the answer only so many bytes reach the host, of so many; then it is cut off. */
  readonly answer?: (length: number) => number
  /** The answer reaches the host twice on its connection. */
  readonly twice?: true
  /** Done once the server has cut its connection without an answer. */
  readonly gone?: () => Promise<void>
}

/** Which exchanges a fault waits for: any, one with a job in its answer, one with a result in its request. */
export type Moment = 'any' | 'offer' | 'result'

/** Stands between a host and its server. */
export interface FaultProxy {
  readonly url: string
  /** Has the next exchanges of that kind go wrong; resolves when the last of them is over. */
  arm(fault: NetworkFault, when: { at: Moment; times: number }): Promise<void>
  /** Lets no request through until the work is done. */
  whilePaused<Result>(work: () => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Opens a proxy to a server on loopback. Each connection carries one request, as hosts send them: both are held whole. */
export async function openFaultProxy(port: number): Promise<FaultProxy> {
  let armed:
    | { readonly fault: NetworkFault; readonly at: Moment; left: number; open: number; readonly done: () => void }
    | undefined
  let open: Promise<unknown> = Promise.resolve()
  const late: Buffer[] = []
  const sockets = new Set<Socket>()

  function take(moments: readonly Moment[]): NetworkFault {
    if (armed === undefined || armed.left === 0 || !moments.includes(armed.at)) return {}
    armed.left -= 1
    armed.open += 1
    return armed.fault
  }

  function giveBack(fault: NetworkFault): void {
    if (armed === undefined || armed.fault !== fault) return
    armed.open -= 1
    if (armed.left === 0 && armed.open === 0) armed.done()
  }

  async function carry(host: Socket): Promise<void> {
    const request = await readWhole(host)
    await open
    const early = isReport(request) ? take(jsonIn(request)['jobs']?.length === 0 ? ['any'] : ['any', 'result']) : {}
    await carryWith(host, request, early).finally(() => giveBack(early))
  }

  async function carryWith(host: Socket, request: Buffer, fault: NetworkFault): Promise<void> {
    await fault.before?.()
    if (fault.late === true) {
      late.push(request)
      return void host.resetAndDestroy()
    }
    if (fault.request !== undefined) {
      await sendPart(port, request.subarray(0, fault.request(request.length)))
      return void host.resetAndDestroy()
    }
    await wait(fault.latency ?? 0)
    const answer = await passOn(request, fault)
    if (answer === undefined) return void host.resetAndDestroy()
    const offered = isReport(request) && jsonIn(answer)['jobs']?.length ? take(['offer']) : {}
    await answerHost(host, answer, { ...fault, ...offered }).finally(() => giveBack(offered))
    for (const old of late.splice(0)) await exchangeWith(port, old)
  }

  async function passOn(request: Buffer, fault: NetworkFault): Promise<Buffer | undefined> {
    let answer: Buffer | undefined
    for (let copy = 0; copy < (fault.copies ?? 1); copy++) answer = await exchangeWith(port, request)
    if (answer === undefined) await fault.gone?.()
    return answer
  }

  const server = createServer({ allowHalfOpen: true }, (host) => {
    sockets.add(host)
    host.once('close', () => sockets.delete(host))
    // The host may go at any moment, and what is done about it is its own business.
    host.on('error', () => undefined)
    carry(host).catch(() => host.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm: (fault, { at, times }) =>
      new Promise((done) => {
        armed = { fault, at, left: times, open: 0, done }
      }),
    async whilePaused(work) {
      const done = work()
      open = done.catch(() => undefined)
      return done
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function answerHost(host: Socket, answer: Buffer, { latency, jobs, answer: part, twice }: NetworkFault): Promise<void> {
  const said = jobs === undefined ? answer : withJson(answer, (reply) => ({ ...reply, jobs: jobs(reply['jobs'] ?? []) }))
  await wait(latency ?? 0)
  if (part !== undefined) host.write(said.subarray(0, part(said.length)), () => host.resetAndDestroy())
  else host.end(twice === true ? Buffer.concat([said, said]) : said)
}

/** A host fetches packages by the address at which it reaches its server; nothing is done to these. */
function isReport(request: Buffer): boolean {
  return request.subarray(0, REPORT.length).toString('latin1') === REPORT
}

const REPORT = 'POST /agent/status '

function readWhole(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0)
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece])
      if (isWhole(bytes)) resolve(bytes)
    })
    socket.once('close', () => reject(new Error('cut off in the middle of a request')))
  })
}

/** The server's whole answer; undefined when there was none. */
function exchangeWith(port: number, request: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    const server = connect(port, '127.0.0.1', () => server.write(request))
    server.on('data', (piece: Buffer) => {
      pieces.push(piece)
      if (isWhole(Buffer.concat(pieces))) server.destroy()
    })
    // A server that dies says so by a reset, or says nothing at all.
    server.on('error', () => undefined)
    server.once('close', () => {
      const answer = Buffer.concat(pieces)
      resolve(isWhole(answer) ? answer : undefined)
    })
  })
}

/** Resolves when the part is with the server and the connection is cut. */
function sendPart(port: number, part: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const server = connect(port, '127.0.0.1', () => server.write(part, () => server.resetAndDestroy()))
    server.on('error', () => undefined)
    server.once('close', () => resolve())
  })
}
