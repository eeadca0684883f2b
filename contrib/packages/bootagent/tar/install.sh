#!/bin/sh
# install.sh: installs BootAgent from the directory it lies in, or upgrades it; DESTDIR puts the files elsewhere and starts nothing.
set -eu
# include common.sh
# include files.sh

if [ -z "$root" ]; then refuse_others; fi
put_files
mkdir -p "$root/var/log/bootagent"
chmod 750 "$root/var/log/bootagent"
[ -z "$root" ] || exit 0

if systemd_runs; then systemctl daemon-reload || true; fi
if runs_from_slot; then
  hand_over
elif ! knows_servers; then
  explain_start
elif systemd_runs; then
  systemctl --quiet enable --now bootagent.service || say 'it did not start: journalctl -u bootagent'
else
  say 'systemd does not run here. To start it: bootagent start'
fi
