program=/usr/lib/bootagent/bootagent
state=/var/lib/bootagent

say() { echo "bootagent: $*" >&2; }

systemd_runs() { [ -d /run/systemd/system ]; }

# Whether a first start would know where to report: by an earlier life, by its options, or by its build.
knows_servers() {
  [ ! -e "$state/metafile.json" ] || return 0
  if grep -Eq '^OPTIONS=.*[" ](-S|--servers)' /etc/bootagent/options 2>/dev/null; then return 0; fi
  case $("$program" -h 2>/dev/null | sed -n 's/^ *servers  *//p') in '' | '(none'*) return 1 ;; esac
}

# BootAgent runs from a slot of its own once it was started.
runs_from_slot() { [ -e "$state/self/current" ]; }

answers() { [ -S /run/bootagent/control.sock ]; }

# The guard takes over what the package brought when BootAgent is started again, as an upgrade like any other; a later start finds it by itself.
hand_over() {
  answers || return 0
  if ! bootagent restart; then
    say 'BootAgent was not started again, for the reason above; the one before goes on where it can, and so do all agents.'
    say 'To try again: bootagent restart'
  elif "$program" version | grep -q '^running:'; then
    say 'the BootAgent of this package was not taken over, for the reason above; the one before goes on, and so do all agents.'
  fi
}

explain_start() {
  say 'it was not started: no control server is built in, and none is named in /etc/bootagent/options. Name one there:'
  say '  OPTIONS="-S booter.example.com:8180 -L /var/log/bootagent/bootagent.log"'
  if systemd_runs; then say 'then: systemctl enable --now bootagent'; else say 'then: bootagent start'; fi
}

# Agents without BootAgent have nobody to restart or hold them, so they are stopped with it. Each is given its own time to end.
stop_agents() {
  if answers && bootagent stop --drain; then return 0; fi
  if [ -n "$(ls -A /run/bootagent/agents 2>/dev/null)" ] && ! systemd_runs; then
    say 'no BootAgent answered, so agents that run were not stopped; each has BOOTAGENT_AGENT in its environment.'
  fi
}

stop_scopes() {
  systemd_runs || return 0
  # The slice was made with the first of them, and would stay when the last is gone.
  systemctl stop bootagent.slice 'bootagent-*.scope' || say 'some agents did not end: systemctl list-units "bootagent-*.scope"'
}

# Slots hold executables and no data; kept, a later install would start with an old one.
forget_slots() { rm -rf "$state/self"; }
