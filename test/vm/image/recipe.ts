import { createHash } from 'node:crypto'
import { SHELL_PORT, SHELL_PROGRAM } from '../machine/shell-program.ts'

/** What an image is made of. The same recipe is the same image: it has the name that {@link nameOf} gives it. */
export interface Recipe {
  readonly suite: string
  /** Debian's own packages; what they depend on comes with them. */
  readonly packages: readonly string[]
  /** By their path in the image. */
  readonly files: Readonly<Record<string, string>>
  /** By their path in the image: where each leads. */
  readonly links: Readonly<Record<string, string>>
  /** What is first run in the guest, with the modules of {@link Recipe.modules} in /lib/NAME.ko, to find the disk. */
  readonly init: string
  /** Kernel modules, and those that they need, in the order they are loaded in. */
  readonly modules: readonly string[]
  /** Of the disk; what of it is never written takes no room. */
  readonly size: string
}

const NETWORK = `[Match]
Type=ether
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
`

const SHELL_UNIT = `[Unit]
Description=Does what the test outside says
After=dbus.socket
[Service]
ExecStart=/bin/sh /usr/local/lib/lab/shell.sh
KillMode=process
`

/** Its driver is a module, so the port comes in its own time, and the shell with it. */
const SHELL_RULE = `SUBSYSTEM=="virtio-ports", ATTR{name}=="${SHELL_PORT}", TAG+="systemd", ENV{SYSTEMD_WANTS}+="lab-shell.service"\n`

/** Where the power goes, what was told to the journal is still told by the console outside. */
const JOURNAL = `[Journal]
ForwardToConsole=yes
TTYPath=/dev/hvc0
MaxLevelConsole=info
`

/** In place of Debian's own, which looks for disks of every kind and takes a third of a start under emulation. */
const INIT = `#!/busybox sh
/busybox mount -t devtmpfs dev /dev
for each in $(/busybox cat /lib/order); do /busybox insmod "/lib/$each"; done
until [ -b /dev/vda ]; do /busybox usleep 1000; done
/busybox mount -t ext4 /dev/vda /root
exec /busybox switch_root /root /sbin/init
`

/** Nobody logs in, nothing is done by the clock while a test looks, and what a host like this has no use for takes no time. */
const UNUSED = [
  ...['getty@tty1.service', 'serial-getty@ttyS0.service', 'serial-getty@hvc0.service', 'systemd-logind.service'],
  ...['systemd-user-sessions.service', 'systemd-update-utmp.service', 'systemd-update-utmp-runlevel.service'],
  ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer', 'fstrim.timer'],
  ...['e2scrub_reap.service', 'systemd-pstore.service', 'systemd-binfmt.service', 'proc-sys-fs-binfmt_misc.automount'],
  ...['modprobe@.service', 'dev-hugepages.mount', 'dev-mqueue.mount', 'sys-kernel-debug.mount', 'sys-kernel-tracing.mount'],
  ...['sys-kernel-config.mount', 'sys-fs-fuse-connections.mount'],
]

/** A host as operators have them: systemd, dbus and apt, no Node, and nothing of ours but the shell that tests speak to. */
export const DEBIAN: Recipe = {
  suite: 'bookworm',
  packages: [
    ...['systemd', 'systemd-sysv', 'dbus', 'udev', 'kmod', 'iproute2', 'procps', 'ca-certificates', 'xz-utils', 'rpm'],
    ...['linux-image-cloud-amd64', 'busybox-static'],
  ],
  files: {
    '/etc/hostname': 'vm\n',
    '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1 vm\n10.0.2.2 control\n',
    '/etc/fstab': '',
    '/etc/resolv.conf': 'nameserver 10.0.2.3\n',
    '/etc/systemd/network/lab.network': NETWORK,
    '/etc/systemd/journald.conf.d/lab.conf': JOURNAL,
    '/etc/systemd/system/lab-shell.service': SHELL_UNIT,
    '/etc/udev/rules.d/90-lab.rules': SHELL_RULE,
    '/usr/local/lib/lab/shell.sh': SHELL_PROGRAM,
  },
  links: {
    '/etc/systemd/system/multi-user.target.wants/systemd-networkd.service': '/lib/systemd/system/systemd-networkd.service',
    ...Object.fromEntries(UNUSED.map((unit) => [`/etc/systemd/system/${unit}`, '/dev/null'])),
  },
  init: INIT,
  modules: ['virtio_pci', 'virtio_blk'],
  size: '3G',
}

/** 16 hexadecimal digits. */
export function nameOf(recipe: Recipe): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16)
}
