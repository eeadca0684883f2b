#!/bin/sh
# install.sh: installs BootServer from the directory it lies in, or upgrades it; DESTDIR puts the files elsewhere and starts nothing.
set -eu
# include common.sh
# include files.sh

if [ -z "$root" ]; then refuse_others; fi
put_files
[ -z "$root" ] || exit 0

getent group bootserver >/dev/null || groupadd -r bootserver
getent passwd bootserver >/dev/null ||
  useradd -r -g bootserver -d /var/lib/bootserver -M -s /usr/sbin/nologin -c BootServer bootserver
if systemd_runs; then
  systemctl daemon-reload
  systemctl --quiet enable bootserver.service
  # A restart loses nothing: hosts and operators ask again.
  systemctl restart bootserver.service || say 'it did not start: journalctl -u bootserver'
else
  say 'systemd does not run here. To start it, as the user bootserver: bootserver --data DIR'
fi
