import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../measure/free-port.ts'

/** A file server that costs next to nothing, so that what fetches is what is measured. */
export interface FileServer {
  readonly url: string
  close(): Promise<void>
}

/** Serves a directory on a free port of the loopback. */
export async function openFileServer(directory: string, served: string): Promise<FileServer> {
  const port = await freePort()
  writeFileSync(
    `${directory}/nginx.conf`,
    `daemon off; worker_processes 1; user root; pid ${directory}/nginx.pid; error_log stderr crit;
events {}
http { access_log off; sendfile on; client_body_temp_path ${directory}/t1; proxy_temp_path ${directory}/t2; fastcgi_temp_path ${directory}/t3;
uwsgi_temp_path ${directory}/t4; scgi_temp_path ${directory}/t5; server { listen 127.0.0.1:${port}; root ${served}; } }`,
  )
  const path = `/usr/sbin:/sbin:${process.env['PATH'] ?? ''}`
  const nginx = spawn('nginx', ['-c', `${directory}/nginx.conf`, '-p', directory], {
    env: { PATH: path, HOME: directory },
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await listening(port)
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const ended = once(nginx, 'exit')
      nginx.kill('SIGTERM')
      await ended
    },
  }
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const came = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(
      () => false,
    )
    socket.destroy()
    if (came) return
    await sleep(50)
  }
  throw new Error('nginx does not listen')
}
