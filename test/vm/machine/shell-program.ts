/** The name by which the guest knows the serial port that leads to the test. */
export const SHELL_PORT = 'bootagent.lab'

/**
 * What runs in the guest, as root, from its start on. It says `ready <boot id>`, and then answers each line `<id> <script>` with
 * `<id> <exit code> <stdout> <stderr>`; script, stdout and stderr are in base64 with a `=` before, so that none is empty. One after another.
 */
export const SHELL_PROGRAM = `exec 3<>/dev/virtio-ports/${SHELL_PORT}
work=/run/lab
mkdir -p "$work"
cd /root
export HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
echo "ready $(cat /proc/sys/kernel/random/boot_id)" >&3
while read -r id script <&3; do
  printf %s "\${script#=}" | base64 -d >"$work/script"
  sh "$work/script" >"$work/out" 2>"$work/err" </dev/null 3>&-
  printf '%s %s =%s =%s\\n' "$id" "$?" "$(base64 -w0 "$work/out")" "$(base64 -w0 "$work/err")" >&3
done
`
