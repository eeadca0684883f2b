#!/bin/sh
# Makes .deb, .rpm and .tar.gz of what `npm run build` has built; -h says how. Needs Node 20 or newer, dpkg-deb, rpmbuild and GNU tar.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
command -v node >/dev/null || { echo 'package.sh: Node 20 or newer is needed, and is not on the PATH' >&2; exit 1; }
exec node "$here/scripts/with-setup.mjs" "$here/scripts/package.ts" "$@"
