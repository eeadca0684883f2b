# From here on: what a tarball does in place of a package manager. A path is one without blanks.
here=$(cd "$(dirname "$0")" && pwd)
root=${DESTDIR:-}

files='@FILES@'
settings='@SETTINGS@'

refuse() {
  say "$*"
  exit 1
}

refuse_others() {
  [ "$(id -u)" -eq 0 ] || refuse 'only root can do this'
  for path in $files; do
    case $path in */copyright) ;; *) continue ;; esac
    ! dpkg-query -S "/$path" >/dev/null 2>&1 || refuse "/$path is of a package of dpkg's: apt installs and removes that one"
    ! rpm -qf "/$path" >/dev/null 2>&1 || refuse "/$path is of a package of rpm's: dnf installs and removes that one"
  done
}

# By rename: a program that runs cannot be written to, and none is ever half there.
put() {
  mkdir -p "$(dirname "$root/$1")"
  cp -p "$here/$1" "$root/$2.new~"
  chown 0:0 "$root/$2.new~"
  mv -f "$root/$2.new~" "$root/$2"
}

put_files() {
  for path in $files; do put "$path" "$path"; done
  for path in $settings; do
    if [ ! -e "$root/$path" ]; then
      put "$path" "$path"
    elif ! cmp -s "$here/$path" "$root/$path"; then
      put "$path" "$path.new"
      say "/$path is as it was; that of this version is /$path.new"
    fi
  done
}

remove_files() {
  for path in $files; do
    rm -f "$root/$path"
    rmdir -p --ignore-fail-on-non-empty "$(dirname "$root/$path")" 2>/dev/null || true
  done
}
