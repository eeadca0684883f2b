#!/bin/sh
# uninstall.sh [--purge]: stops BootServer and removes it; with --purge also its settings and its data. The user bootserver stays.
set -eu
# include common.sh
# include files.sh

case ${1:-} in
  '' | --purge) ;;
  *) echo 'usage: uninstall.sh [--purge]' >&2; exit 2 ;;
esac
if [ -z "$root" ]; then
  refuse_others
  if systemd_runs; then systemctl stop bootserver.service || true; fi
  if command -v systemctl >/dev/null; then systemctl --quiet disable bootserver.service || true; fi
fi
remove_files
if [ -z "$root" ] && systemd_runs; then systemctl daemon-reload || true; fi
if [ "${1:-}" = --purge ]; then
  for path in var/lib etc; do rm -rf --one-file-system "$root/$path/bootserver"; done
fi
