import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, closeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { findImage } from '../image/image.ts'
import { type GuestShell, openGuestShell, type Ran } from './guest-shell.ts'
import { type Disk, machineCommand } from './machine-command.ts'

/** A host of its own under QEMU, by software alone; what it is asked is done by root in it. */
export interface Machine {
  /** Its DMI product UUID, by which BootAgent knows itself. */
  readonly uuid: string
  /** Switches it on; resolves to the boot's id when it can be asked. */
  start(): Promise<string>
  run(script: string): Promise<Ran>
  /** The script's standard output, without the last newline; rejects when it exits with another code than 0. */
  sh(script: string): Promise<string>
  /** An orderly one, as by `reboot`; resolves to the new boot's id. */
  reboot(): Promise<string>
  /** What the guest has not flushed is gone; what it has, is there. The next start finds the disk as it is. */
  cutPower(): Promise<void>
  /** Ends it for good. */
  end(): Promise<void>
}

/** Where a machine keeps what it writes, and what it has besides the image. */
export interface Build {
  /** For its layers of the disk. Deleted by whoever made it. */
  readonly directory: string
  /** All that its console says, through all of its boots. */
  readonly console: string
  readonly uuid: string
  /** /dev/vdb and on. */
  readonly disks?: readonly Disk[]
}

export async function createMachine({ directory, console, uuid, disks = [] }: Build): Promise<Machine> {
  const image = await findImage()
  mkdirSync(dirname(console), { recursive: true })
  closeSync(openSync(console, 'w'))
  let layers = 0
  let below: Disk = { file: image.disk, format: 'raw' }
  let running: Running | undefined

  async function start(): Promise<string> {
    if (running !== undefined) throw new Error('it is on')
    // A layer for each time it is switched on: what was flushed before is below, and nothing that follows can reach it.
    const layer = `${directory}/disk-${layers++}.qcow2`
    await qemuImg('create', '-q', '-f', 'qcow2', '-b', below.file, '-F', below.format, layer)
    below = { file: layer, format: 'qcow2' }
    running = power({ image, disks: [below, ...disks], console, uuid })
    return running.shell.nextReady()
  }

  function shell(): GuestShell {
    if (running === undefined) throw new Error('it is off')
    return running.shell
  }

  async function cutPower(): Promise<void> {
    const cut = running
    if (cut === undefined) return
    running = undefined
    cut.child.kill('SIGKILL')
    await cut.ended
  }

  return {
    uuid,
    start,
    run: (script) => shell().run(script),
    async sh(script) {
      const { code, stdout, stderr } = await shell().run(script)
      if (code !== 0) throw new Error(`in the guest, exit code ${code}: ${script}\n${stderr}${stdout}`)
      return stdout.replace(/\n$/, '')
    },
    async reboot() {
      const ready = shell().nextReady()
      shell().tell('systemctl reboot')
      return ready
    },
    cutPower,
    end: cutPower,
  }
}

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly shell: GuestShell
  readonly ended: Promise<void>
}

function power(how: Parameters<typeof machineCommand>[0]): Running {
  const [command, ...args] = machineCommand(how)
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const shell = openGuestShell(child.stdout, child.stdin)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = once(child, 'close').then(
    () => shell.close(`the machine is off; its console is in ${how.console}${said === '' ? '' : `; QEMU said: ${said}`}`),
    (error: Error) => shell.close(`QEMU could not be started: ${error.message}`),
  )
  return { child, shell, ended }
}

const run = promisify(execFile)

async function qemuImg(...args: readonly string[]): Promise<void> {
  await run('qemu-img', args)
}
