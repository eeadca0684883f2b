import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMachine, type Machine } from '../machine/machine.ts'
import { RUN_DIRECTORY } from '../run-directory.ts'

let directory: string
let machine: Machine

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-vm-'))
  const scratch = { file: `${directory}/scratch.qcow2`, format: 'qcow2' } as const
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', scratch.file, '64M'])
  machine = await createMachine({
    directory,
    console: join(RUN_DIRECTORY, 'consoles/machine.log'),
    uuid: randomUUID(),
    disks: [scratch],
  })
  await machine.start()
})

afterAll(async () => {
  await machine.end()
  rmSync(directory, { recursive: true })
})

test('it is a host with systemd, control groups v2 and no Node, known by its product UUID', async () => {
  expect(await machine.sh('cat /sys/class/dmi/id/product_uuid')).toBe(machine.uuid)
  expect(await machine.sh('stat --file-system --format %T /sys/fs/cgroup')).toBe('cgroup2fs')
  expect(await machine.sh('systemctl is-system-running --wait')).toBe('running')
  expect(await machine.run('command -v node')).toMatchObject({ code: 127 })
})

test('what was asked is answered with its exit code, its output and its errors, whatever is in them', async () => {
  const said = `'a "b"\n\\ $c é'`
  expect(await machine.run(`printf %s ${said}; echo no >&2; exit 7`)).toEqual({
    code: 7,
    stdout: 'a "b"\n\\ $c é',
    stderr: 'no\n',
  })
  await expect(machine.sh('exit 3')).rejects.toThrow('exit code 3')
})

// On a disk of its own, which nobody else flushes. Both are written past the page cache, so that only the disk can have forgotten.
test('a power cut is one: what was flushed is there afterwards, and what was only written is gone', async () => {
  const write = (letter: string, at: number, how: string) =>
    `head -c 4M /dev/zero | tr '\\0' ${letter} | dd of=/dev/vdb bs=4M iflag=fullblock oflag=direct seek=${at} ${how} 2>&1`
  const read = async (at: number) =>
    await machine.sh(`dd if=/dev/vdb iflag=direct bs=4M skip=${at} count=1 2>/dev/null | tr -d '\\0' | head -c 4`)
  await machine.sh(write('f', 1, 'conv=fsync'))
  await machine.sh(write('w', 3, ''))
  expect([await read(1), await read(3)]).toEqual(['ffff', 'wwww'])
  await machine.cutPower()
  await machine.start()
  expect([await read(1), await read(3)]).toEqual(['ffff', ''])
})

test('a reboot is an orderly one, into another boot with the same disk', async () => {
  const boot = () => machine.sh('cat /proc/sys/kernel/random/boot_id')
  const before = await boot()
  await machine.sh('echo kept >/root/kept')
  const after = await machine.reboot()
  expect(after).not.toBe(before)
  expect(await boot()).toBe(after)
  expect(await machine.sh('cat /root/kept')).toBe('kept')
})

test('who asks a host that goes is told so', async () => {
  const asked = machine.sh('sleep 1000')
  await machine.cutPower()
  await expect(asked).rejects.toThrow('the machine is off')
})
