#!/bin/sh
# uninstall.sh [--purge]: stops BootAgent and its agents, and removes it; with --purge also its settings, its log and the agents with their data.
set -eu
# include common.sh
# include files.sh

case ${1:-} in
  '' | --purge) ;;
  *) echo 'usage: uninstall.sh [--purge]' >&2; exit 2 ;;
esac
if [ -z "$root" ]; then
  refuse_others
  stop_agents
  if systemd_runs; then systemctl stop bootagent.service || true; fi
  if command -v systemctl >/dev/null; then systemctl --quiet disable bootagent.service || true; fi
  stop_scopes
  forget_slots
fi
remove_files
if [ -z "$root" ] && systemd_runs; then systemctl daemon-reload || true; fi
if [ "${1:-}" = --purge ]; then
  for path in var/lib var/log run etc; do
    rm -rf --one-file-system "$root/$path/bootagent" || say "what is mounted below $root/$path/bootagent was left as it is."
  done
fi
