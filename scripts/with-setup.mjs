/**
 * `node scripts/with-setup.mjs SCRIPT.ts [args]`: sets the workspace up if need be, then runs the script with the
 * project's own Node. Plain JavaScript for any Node from 20 on: it is all that runs before the set-up.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const BIN = join(ROOT, 'node_modules', '.bin')
const NODE = join(BIN, 'node')
const MARK = join(ROOT, 'node_modules', '.bootagent-setup')
const PNPM = 'pnpm@12.21.0'
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|META_FETCH_FAIL/

/** Something the person at the keyboard can put right: shown without a stack. */
class SetupError extends Error {}

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error instanceof SetupError ? error.message : error.stack}\n`)
  return 1
})

async function main([script, ...args]) {
  if (script === undefined) throw new SetupError('usage: node scripts/with-setup.mjs SCRIPT.ts [args]')
  refuseOtherPlatforms()
  if (!isSetUp()) await alone(setUp)
  return await run(script, args)
}

function refuseOtherPlatforms() {
  const { platform, arch, versions } = process
  if (Number.parseInt(versions.node, 10) < 20) {
    throw new SetupError(
      `Node 20 or newer is needed to set the project up; this is ${versions.node}. (It then brings its own Node 24.)`,
    )
  }
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch)) {
    throw new SetupError(`BootAgent is developed on Linux, x64 or arm64; this is ${platform} ${arch}.`)
  }
}

/** True when what is installed was installed from exactly these lock and package files, by this pnpm. */
function isSetUp() {
  return existsSync(MARK) && existsSync(NODE) && readFileSync(MARK, 'utf8') === fingerprint()
}

function fingerprint() {
  const packages = readdirSync(join(ROOT, 'packages')).map((name) => join('packages', name, 'package.json'))
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...packages.sort()]
  const hash = createHash('sha256').update(PNPM)
  for (const file of files) {
    const path = join(ROOT, file)
    if (existsSync(path)) hash.update(`\0${file}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

/**
 * Runs `work` while no other run in this checkout does. The lock is a socket in Linux's abstract namespace: it has no
 * file that could be left behind, ends with its holder however that ends, and whoever waits on it is told at once.
 */
async function alone(work) {
  const name = `\0bootagent-setup-${createHash('sha256').update(ROOT).digest('hex').slice(0, 16)}`
  for (;;) {
    const lock = await lockOrUndefined(name)
    if (lock === undefined) {
      process.stderr.write('Waiting for the set-up that another run has begun …\n')
      await untilReleased(name)
      if (isSetUp()) return
      continue
    }
    try {
      if (!isSetUp()) await work()
      return
    } finally {
      lock.release()
    }
  }
}

function lockOrUndefined(name) {
  return new Promise((resolve, reject) => {
    const waiting = new Set()
    const server = createServer((socket) => {
      waiting.add(socket)
      socket.on('error', () => waiting.delete(socket))
      socket.on('close', () => waiting.delete(socket))
    })
    const release = () => {
      server.close()
      for (const socket of waiting) socket.destroy()
    }
    server.once('error', (error) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(new Error(`no lock for the set-up: ${error.message}`)),
    )
    server.listen(name, () => resolve({ release }))
  })
}

/** Resolves when the holder hangs up, or is gone already; which of the two makes no difference. */
function untilReleased(name) {
  return new Promise((resolve) => {
    connect(name).on('error', resolve).on('close', resolve).resume()
  })
}

async function setUp() {
  const begun = Date.now()
  process.stderr.write('Setting up: Node 24 and the packages of pnpm-lock.yaml (about 20 s the first time) … ')
  const { code, output } = await install()
  if (code !== 0) {
    process.stderr.write('failed\n')
    throw new SetupError(`${explain(output)}\n\n${output.trim()}`)
  }
  writeFileSync(MARK, fingerprint())
  process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(1)} s\n`)
}

function install() {
  // CI: pnpm must never stop to ask. NODE_ENV: in production it would leave out what tests and checks are made with.
  const env = { ...process.env, CI: 'true', NODE_ENV: 'development' }
  const child = spawn('npx', ['-y', PNPM, 'install', '--frozen-lockfile'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks = []
  child.stdout.on('data', (chunk) => chunks.push(chunk))
  child.stderr.on('data', (chunk) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new SetupError(`npx, which comes with npm, could not be run: ${error.message}`)))
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }))
  })
}

function explain(output) {
  if (OFFLINE.test(output)) return 'The npm registry cannot be reached, and setting up needs it once. pnpm says:'
  if (/OUTDATED_LOCKFILE/.test(output))
    return 'pnpm-lock.yaml does not match the package.json files; `npx pnpm install` renews it. pnpm says:'
  return 'Setting up failed. pnpm says:'
}

/** Resolves to the exit code; a script that a signal ended counts as shells count it, 128 and the signal's number. */
function run(script, args) {
  const path = [BIN, process.env['PATH']].filter(Boolean).join(delimiter)
  // Our programs are started hundreds of times by a test run: what Node compiled once it need not compile again.
  const env = { ...process.env, PATH: path, NODE_COMPILE_CACHE: join(ROOT, '.cache', 'node') }
  const child = spawn(NODE, [script, ...args], { stdio: 'inherit', env })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // A terminal gives Ctrl-C to the script as well; passed on, it would come twice.
  const atTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY)
  process.on('SIGINT', () => atTerminal || child.kill('SIGINT'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}
