import type { Image } from '../image/image.ts'
import { SHELL_PORT } from './shell-program.ts'

/** A file that the guest has as a disk. */
export interface Disk {
  readonly file: string
  readonly format: 'raw' | 'qcow2'
  readonly readonly?: boolean
}

interface Hardware {
  readonly image: Image
  /** The first is the one with the system. */
  readonly disks: readonly Disk[]
  readonly console: string
  readonly uuid: string
}

/**
 * What starts a machine. Never by KVM: where its device opens, guests have been seen to hang. The process is ended by the kernel when we
 * are, and stands back behind whatever else the computer does.
 */
export function machineCommand({ image, disks, console, uuid }: Hardware): [command: string, ...args: string[]] {
  const options = ['root=/dev/vda', 'rw', 'console=ttyS0', 'quiet', 'net.ifnames=0', PATIENT, ...QUICK]
  return [
    'setpriv',
    ...['--pdeathsig', 'KILL', 'nice', '-n', '5', 'qemu-system-x86_64'],
    // Its processors take turns: side by side, both have been seen to go on for ever with code that the kernel had long written over.
    // They are of 2008: what runs here needs none of what came later.
    ...['-accel', 'tcg,thread=single', '-cpu', 'Nehalem', '-smp', '2', '-m', '1024'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-uuid', uuid],
    ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', options.join(' ')],
    // The kernel's own words by ttyS0, the journal's by hvc0, which costs less.
    ...['-chardev', `file,id=console,path=${console},append=on,mux=on`, '-serial', 'chardev:console'],
    ...['-device', 'virtio-serial-pci', '-device', 'virtconsole,chardev=console'],
    ...['-chardev', 'stdio,id=shell,signal=off', '-device', `virtserialport,chardev=shell,name=${SHELL_PORT}`],
    // The guest reaches what listens on our loopback as 10.0.2.2, and is reached by nobody.
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile=', '-device', 'virtio-rng-pci'],
    ...disks.flatMap((disk) => ['-drive', driveOf(disk)]),
  ]
}

/** On a busy computer the emulated timer may tick too late for the kernel, which then panics before it has begun. */
const PATIENT = 'no_timer_check'

/** What would take time under emulation and changes nothing of what is tried. */
const QUICK = ['mitigations=off', 'apparmor=0', 'audit=0']

/**
 * `unsafe` is exactly a disk with a cache that loses its power: what the guest writes to a fresh cluster is found again only once QEMU has
 * written down where it is, which it does when the guest flushes and not before; and then it is in our kernel's memory, which outlives QEMU. The other modes
 * would sync our own disk as well, which is for the case that the computer fails, and not the guest.
 */
function driveOf({ file, format, readonly = false }: Disk): string {
  return `file=${file},format=${format},if=virtio,${readonly ? 'readonly=on' : 'cache=unsafe'}`
}
