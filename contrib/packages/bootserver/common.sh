say() { echo "bootserver: $*" >&2; }

systemd_runs() { [ -d /run/systemd/system ]; }
