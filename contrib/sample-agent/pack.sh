#!/bin/sh
# Makes OUTPUT_DIR/sample-agent-VERSION.tar.gz, the same bytes each time, and prints its path. Needs GNU tar and gzip.
set -eu

usage='usage: pack.sh OUTPUT_DIR [VERSION]'
output=${1:?"$usage"}
here=$(cd "$(dirname "$0")" && pwd)
version=${2:-$(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' "$here/agent.json")}
case $version in
  '' | *[!A-Za-z0-9.+~_-]*) echo "pack.sh: \"$version\" is not a version: letters, digits and . + ~ _ - make one" >&2; exit 2 ;;
esac

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/bin"
sed "s/\"version\": \"[^\"]*\"/\"version\": \"$version\"/" "$here/agent.json" >"$stage/agent.json"
cp "$here/bin/sample-agent" "$stage/bin/sample-agent"
# Modes by hand: what a umask or a checkout makes of them must not change the bytes.
chmod 755 "$stage/bin" "$stage/bin/sample-agent"
chmod 644 "$stage/agent.json"

mkdir -p "$output"
archive=$output/sample-agent-$version.tar.gz
# Order, times and owners are fixed, and gzip leaves out its own time (-n): the bytes depend on the content alone.
tar --create --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --directory="$stage" agent.json bin |
  gzip -n -9 >"$archive.new"
mv "$archive.new" "$archive"
echo "$archive"
