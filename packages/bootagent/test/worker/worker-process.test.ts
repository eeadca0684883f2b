import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { WorkerRequest } from '../../src/worker/request.ts'
import { runInWorker, type WorkerSettings } from '../../src/worker/spawn-worker.ts'
import { DEFAULT_UNPACK_LIMITS } from '../../src/worker/unpack-limits.ts'
import { openPartOf, PATIENT } from './fetching.ts'
import { serve } from './servers.ts'
import { makeWorkplace, processesIn, PROGRAM, readPackageOf, sha256, type Workplace } from './workplace.ts'
import { ar, DEB_CONTROL, DEB_VERSION } from './corpus/ar-members.ts'
import { file, targz } from './corpus/tar-blocks.ts'

const TIMES = { ...PATIENT, idleTimeout: 60_000, totalTimeout: 60_000 }

function downloadOf(url: string): WorkerRequest & { kind: 'download' } {
  return { kind: 'download', url, digest: sha256('x'), ...TIMES, maxBytes: 1000 }
}

/** A server that never answers, and the sign that it was asked. */
async function serveSilence(): Promise<{ url: string; asked: Promise<void> }> {
  const { promise: asked, resolve } = Promise.withResolvers<void>()
  return { url: await serve(() => resolve()), asked }
}

test('an aborted worker is gone when the call returns', async () => {
  const place = makeWorkplace()
  const { url, asked } = await serveSilence()
  const abort = new AbortController()
  const running = runInWorker(downloadOf(url), place.settings({ packageFd: openPartOf(place), signal: abort.signal }))
  await asked
  expect(processesIn(place.cwd)).toHaveLength(1)
  abort.abort(new Error('stopped'))
  await expect(running).rejects.toThrow('stopped')
  expect(processesIn(place.cwd)).toEqual([])
})

test('nothing is started for a signal that is aborted already', async () => {
  const signal = AbortSignal.abort(new Error('stopped'))
  await expect(runInWorker(downloadOf('http://127.0.0.1/'), makeWorkplace().settings({ signal }))).rejects.toThrow('stopped')
})

test('a worker that somebody kills is said to have been killed', async () => {
  const place = makeWorkplace()
  const { url, asked } = await serveSilence()
  const running = runInWorker(downloadOf(url), place.settings({ packageFd: openPartOf(place) }))
  await asked
  for (const pid of processesIn(place.cwd)) process.kill(pid, 'SIGKILL')
  await expect(running).rejects.toMatchObject({
    reason: 'internal',
    message: 'the worker was ended by SIGKILL before it was done',
  })
})

// Otherwise a killed daemon would leave downloads behind that the next one starts again.
test('a worker whose daemon is gone ends by itself', async () => {
  const place = makeWorkplace()
  const { url, asked } = await serveSilence()
  const stdio = ['pipe', 'ignore', 'inherit', openPartOf(place)] as const
  const worker = spawn(PROGRAM.command, [...PROGRAM.args, 'worker', 'download'], { cwd: place.cwd, stdio: [...stdio] })
  const ended = once(worker, 'exit')
  worker.stdin?.write(`${JSON.stringify(downloadOf(url))}\n`)
  await asked
  worker.stdin?.destroy()
  expect(await ended).toEqual([1, null])
})

const asRoot = process.getuid?.() === 0

// Only root has anything to give up.
test.runIf(asRoot)(
  'a worker of root is nobody, in no group and without capabilities, by the time it meets the network',
  async () => {
    const place = makeWorkplace()
    const { url, asked } = await serveSilence()
    const abort = new AbortController()
    const running = runInWorker(downloadOf(url), place.settings({ packageFd: openPartOf(place), signal: abort.signal }))
    await asked
    const status = readFileSync(`/proc/${processesIn(place.cwd)[0]}/status`, 'utf8')
    abort.abort()
    await expect(running).rejects.toThrow()
    expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m)
    expect(status).toMatch(/^Gid:\t65534\t65534\t65534\t65534$/m)
    expect(status).toMatch(/^Groups:\t\s*$/m)
    expect(status).toMatch(/^CapPrm:\t0+$/m)
  },
)

/** A shell script in place of the worker. */
function runScript(script: string, place: Workplace, more: Partial<WorkerSettings> = {}): Promise<unknown> {
  const program = { command: 'sh', args: ['-c', script] }
  return runInWorker(downloadOf('http://127.0.0.1/'), place.settings({ program, ...more }))
}

const DONE = '{"kind":"done","result":{"bytes":1}}'

test('what a worker says is taken when it is in order', async () => {
  const told: unknown[] = []
  const onProgress = (...progress: unknown[]) => told.push(progress)
  const script = `echo '{"kind":"progress","done":1}'; echo '{"kind":"progress","done":2,"total":3}'; echo '${DONE}'`
  await expect(runScript(script, makeWorkplace(), { onProgress })).resolves.toEqual({ bytes: 1 })
  expect(told).toEqual([
    [1, undefined],
    [2, 3],
  ])
})

// A worker that a package has taken over says what it likes.
test.each([
  ['no JSON', 'echo hello', 'cannot be believed'],
  ['an unknown message', `echo '{"kind":"run","command":"sh"}'`, 'cannot be believed'],
  ['an unknown reason', `echo '{"kind":"failed","reason":"because","message":""}'`, 'cannot be believed'],
  ['a result of another request', `echo '{"kind":"done","result":{"programs":[]}}'`, 'no result of download'],
  ['a message after its last', `echo '${DONE}'; echo '${DONE}'`, 'spoke on'],
  ['a line without end', `head -c 70000 /dev/zero | tr '\\0' x; sleep 100`, 'a line longer than'],
  ['progress without end', `while :; do echo '{"kind":"progress","done":1}'; done`, 'more than 1048576 bytes'],
  ['nothing', 'true', 'exited with 0 before it was done'],
  ['that it is done, and then fails', `echo '${DONE}'; exit 3`, 'exited with 3 before it was done'],
  ['why, and fails', 'echo no luck >&2; exit 3', 'exited with 3 before it was done (no luck)'],
])('a worker that says %s has failed', async (_says, script, message) => {
  const failure = { reason: 'internal', message: expect.stringContaining(message) }
  await expect(runScript(script, makeWorkplace())).rejects.toMatchObject(failure)
})

test('a sentence of a worker cannot command the terminal it is shown on', async () => {
  const script = `echo '{"kind":"failed","reason":"archive-unsafe","message":"a\\u001b[2Jb"}'`
  await expect(runScript(script, makeWorkplace())).rejects.toMatchObject({ reason: 'archive-unsafe', message: 'a [2Jb' })
})

test('a worker inherits nothing of the environment', async () => {
  const place = makeWorkplace()
  process.env['BOOTAGENT_TEST_SECRET'] = 'secret'
  await runScript(`env >env; echo '${DONE}'`, place)
  delete process.env['BOOTAGENT_TEST_SECRET']
  const names = readFileSync(join(place.cwd, 'env'), 'utf8').match(/^\w+(?==)/gm)
  // The last three are the shell's own.
  expect(names?.filter((name) => !['PWD', 'SHLVL', '_'].includes(name)).toSorted()).toEqual(['LANG', 'NODE_OPTIONS', 'PATH'])
})

// The grandchild holds standard output, so the call cannot return before it is gone too.
test('a worker that takes too long is killed together with what it has started', async () => {
  const place = makeWorkplace()
  const failure = { reason: 'fetch-timeout', message: 'the worker took too long' }
  await expect(runScript('sleep 1000 & sleep 1000', place, { timeLimit: 200 })).rejects.toMatchObject(failure)
  expect(processesIn(place.cwd)).toEqual([])
})

/** Takes a little memory after the other until somebody ends it. */
const GLUTTON = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(8_000_000, 1)), 10)'

// The grandchild is what takes it, as xz would.
test('a worker that takes too much memory is killed together with what it has started, and the limit is named', async () => {
  const place = makeWorkplace()
  const failure = { reason: 'internal', message: 'the worker needed more than 300 MiB of memory, which is the most it may have' }
  const script = `'${process.execPath}' -e '${GLUTTON}' & wait`
  await expect(runScript(script, place, { memoryLimit: 300 * 1024 ** 2 })).rejects.toMatchObject(failure)
  expect(processesIn(place.cwd)).toEqual([])
})

test('the kernel holds a worker to its limits before it has read a byte', async () => {
  const place = makeWorkplace()
  await runScript(`cat /proc/self/limits >limits; echo '${DONE}'`, place)
  const limits = readFileSync(join(place.cwd, 'limits'), 'utf8')
  const of = (name: string) => new RegExp(`^Max ${name} +(\\d+) +(\\d+)`, 'm').exec(limits)?.slice(1).map(Number)
  expect(of('core file size')).toEqual([0, 0])
  expect(of('open files')).toEqual([256, 256])
  expect(of('cpu time')).toEqual([1800, 1800])
  expect(of('data size')).toEqual([1536 * 1024 ** 2, 1536 * 1024 ** 2])
  // In whole blocks of 512 bytes: the request takes 1000.
  expect(of('file size')).toEqual([1024, 1024])
})

test('a worker cannot write a longer file than its package may be, whatever it has become', async () => {
  const place = makeWorkplace()
  await runScript(`head -c 5000 /dev/zero >file; echo '${DONE}'`, place).catch(() => undefined)
  expect(statSync(join(place.cwd, 'file')).size).toBeLessThanOrEqual(1024)
})

// One process alone, between two looks at all of them.
test('a worker is not given more data than one process may have', async () => {
  const script = `'${process.execPath}' -e 'Buffer.alloc(2_000_000_000)' 2>error; echo '${DONE}'`
  const place = makeWorkplace()
  await runScript(script, place)
  expect(readFileSync(join(place.cwd, 'error'), 'utf8')).toMatch(/allocation failed/)
})

// A worker that a package has taken over could leave its group, and keep the pipes.
test('what escapes a worker cannot hold the call up', async () => {
  const place = makeWorkplace()
  onTestFinished(() => processesIn(place.cwd).forEach((pid) => process.kill(pid, 'SIGKILL')))
  await expect(runScript('setsid sleep 1000 & exit 3', place)).rejects.toMatchObject({
    message: expect.stringContaining('exited with 3'),
  })
})

test('a worker that breaks off with a fault of Node is quoted with the line that names it', async () => {
  const program = { command: process.execPath, args: ['-e', 'throw new TypeError("not foreseen")'] }
  const running = runInWorker(downloadOf('http://127.0.0.1/'), makeWorkplace().settings({ program }))
  await expect(running).rejects.toMatchObject({
    message: 'the worker exited with 1 before it was done (TypeError: not foreseen)',
  })
})

test('a worker that fills its memory dies of it, and says so', async () => {
  const program = { command: process.execPath, args: ['-e', 'const kept = []; for (;;) kept.push(new Array(100_000).fill(0.5))'] }
  const running = runInWorker(downloadOf('http://127.0.0.1/'), makeWorkplace().settings({ program }))
  await expect(running).rejects.toMatchObject({ reason: 'internal', message: expect.stringContaining('heap out of memory') })
})

test('a program that is not there is a failure that names it', async () => {
  const program = { command: '/no/such/bootagent', args: [] }
  const running = runInWorker(downloadOf('http://127.0.0.1/'), makeWorkplace().settings({ program }))
  await expect(running).rejects.toMatchObject({ reason: 'internal', message: expect.stringContaining('/no/such/bootagent') })
})

test('a worker refuses limits above its ceilings', async () => {
  const reading = readPackageOf('inspect', targz(file('x')), { limits: { maxEntries: 10 ** 9 } })
  await expect(reading).rejects.toMatchObject({ reason: 'internal', message: expect.stringContaining('limits.maxEntries') })
})

test('without the program xz the failure names the package to install', async () => {
  const place = makeWorkplace()
  const deb = ar(DEB_VERSION, DEB_CONTROL, ['data.tar.xz', 'xz'])
  writeFileSync(join(place.home, 'package'), deb)
  const request: WorkerRequest = { kind: 'inspect', format: 'deb', digest: sha256(deb), limits: DEFAULT_UNPACK_LIMITS }
  const script = `exec "$0" "$1" worker inspect 3<'${join(place.home, 'package')}'`
  const worker = spawn('/bin/sh', ['-c', script, PROGRAM.command, ...PROGRAM.args], {
    cwd: place.cwd,
    env: { PATH: '/nowhere' },
    stdio: 'pipe',
  })
  worker.stdin.write(`${JSON.stringify(request)}\n`)
  const said = (await worker.stdout.setEncoding('utf8').toArray()).join('').trim().split('\n')
  expect(JSON.parse(said.at(-1) ?? '')).toMatchObject({
    kind: 'failed',
    reason: 'archive-unknown',
    message: expect.stringContaining('xz-utils'),
  })
})
