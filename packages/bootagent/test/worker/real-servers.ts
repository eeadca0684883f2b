import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** A server from Debian that runs until the test is over, with a directory of its own. */
export interface RealServer {
  readonly port: number
  readonly directory: string
  /** What it has logged. */
  log(): string
}

/** Readable for all, as these servers give up their rights before they read. */
function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-server-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  chmodSync(directory, 0o755)
  return directory
}

/** vsftpd, anonymous, serving `files`; its log has each command and how many bytes each download had. */
export async function startVsftpd(files: Readonly<Record<string, Buffer>>): Promise<RealServer> {
  const directory = makeDirectory()
  for (const name of ['files', 'empty']) mkdirSync(join(directory, name), { mode: 0o755 })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, 'files', name), bytes, { mode: 0o644 })
  const port = await freePort()
  const settings = {
    listen: 'YES',
    listen_address: '127.0.0.1',
    listen_port: port,
    background: 'NO',
    anonymous_enable: 'YES',
    local_enable: 'NO',
    anon_root: join(directory, 'files'),
    secure_chroot_dir: join(directory, 'empty'),
    pasv_enable: 'YES',
    port_enable: 'NO',
    xferlog_enable: 'YES',
    log_ftp_protocol: 'YES',
    vsftpd_log_file: join(directory, 'log'),
    // A container may forbid what it would forbid itself.
    seccomp_sandbox: 'NO',
    ...(process.geteuid?.() === 0 ? {} : { run_as_launching_user: 'YES' }),
  }
  const config = join(directory, 'vsftpd.conf')
  writeFileSync(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  await run('vsftpd', [config], port)
  return { port, directory, log: () => readFileSync(join(directory, 'log'), 'utf8') }
}

const PYFTPDLIB = `
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
directory, port, user, password = sys.argv[1:]
authorizer = DummyAuthorizer()
authorizer.add_user(user, password, directory, perm='elr')
FTPHandler.authorizer = authorizer
FTPServer(('127.0.0.1', int(port)), FTPHandler).serve_forever()
`

/** pyftpdlib, for one user and no other; it logs nothing. */
export async function startPyftpdlib(
  files: Readonly<Record<string, Buffer>>,
  login: { readonly user: string; readonly password: string },
): Promise<number> {
  const directory = makeDirectory()
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes, { mode: 0o644 })
  const port = await freePort()
  // Debian's own: it has the library.
  await run('/usr/bin/python3', ['-W', 'ignore', '-c', PYFTPDLIB, directory, String(port), login.user, login.password], port)
  return port
}

/** nginx with one `server` block; `inside` may speak of `DIRECTORY`. Its log has a line a request: status, range and bytes sent. */
export async function startNginx(files: Readonly<Record<string, Buffer>>, inside = '', listen = ''): Promise<RealServer> {
  const directory = makeDirectory()
  mkdirSync(join(directory, 'files'), { mode: 0o755 })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, 'files', name), bytes, { mode: 0o644 })
  const port = await freePort()
  const config = join(directory, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path ${directory}/${each};`)
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/errors;
    events { }
    http {
      ${temporary.join(' ')}
      log_format lines '$status $http_range $body_bytes_sent';
      access_log ${directory}/log lines;
      server { listen 127.0.0.1:${port} ${listen}; root ${directory}/files; ${inside.replaceAll('DIRECTORY', directory)} }
    }`,
  )
  await run('nginx', ['-c', config, '-e', `${directory}/errors`], port)
  return { port, directory, log: () => readFileSync(join(directory, 'log'), 'utf8') }
}

/** tinyproxy for this host; its log names each host that it was asked for. */
export async function startTinyproxy(settings: readonly string[] = []): Promise<RealServer> {
  const directory = makeDirectory()
  const port = await freePort()
  const config = join(directory, 'tinyproxy.conf')
  const log = join(directory, 'log')
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Timeout 60', 'Allow 127.0.0.1', `LogFile "${log}"`, 'LogLevel Info']
  writeFileSync(config, `${[...lines, ...settings].join('\n')}\n`)
  await run('tinyproxy', ['-d', '-c', config], port)
  return { port, directory, log: () => readFileSync(log, 'utf8') }
}

async function run(command: string, args: readonly string[], port: number): Promise<void> {
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }
  const server = spawn(command, args, { stdio: 'ignore', env, detached: true })
  const ended = once(server, 'exit')
  onTestFinished(async () => {
    if (server.exitCode === null && server.signalCode === null) process.kill(-(server.pid ?? 0), 'SIGKILL')
    await ended
  })
  // None of them says when it is ready.
  while (!(await accepts(port))) {
    if (server.exitCode !== null) throw new Error(`${command} ended with ${server.exitCode} before it was ready`)
    await delay(20)
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** A port nobody listens on now. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
