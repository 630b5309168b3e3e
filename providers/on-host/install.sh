#!/bin/sh
# install.sh DIR: installs lib/ to /usr/local/lib/rundock and etc/ to /etc/rundock from an unpacked archive, and the
# announcer's service. Lists all that the host lacks at once.
set -eu
from=$1
# shellcheck source=paths.sh
. "$from/lib/paths.sh"
# shellcheck source=docker-socket.sh
. "$from/lib/docker-socket.sh"
# shellcheck source=release.sh
. "$from/lib/release.sh"
# shellcheck source=supervision.sh
. "$from/lib/supervision.sh"
# shellcheck source=uptime.sh
. "$from/lib/uptime.sh"
# shellcheck source=prune-images.sh
. "$from/lib/prune-images.sh"

main() {
  list_missing
  if [ -n "$missing" ]; then
    printf '{"ok":false,"missing":[%s]}\n' "${missing#,}"
    exit 111
  fi
  changed=
  install_scripts
  mkdir -p "$RUNDOCK_ETC"
  install_files "$from/etc" "$RUNDOCK_ETC"
  install_registry_logins
  drop_maintenance_mark
  drop_etcd_access
  install_announcer
  leave_dns
  prune_left_notes old
  printf '{"ok":true,"warnings":[%s]}\n' "$warnings"
}

list_missing() {
  missing=
  for program in 'docker:docker-cli, or docker.io where there is none' curl:curl jq:jq nc:netcat-openbsd flock:util-linux setsid:util-linux sv:runit tar:tar; do
    command -v "${program%%:*}" >/dev/null || lacks "${program%%:*} (package ${program#*:})"
  done
  nc -h 2>&1 | grep -q -- -U || lacks 'nc with Unix sockets (package netcat-openbsd)'
  docker_request GET /_ping || lacks "a Docker engine that answers at $RUNDOCK_DOCKER"
  if [ ! -d "$RUNDOCK_SERVICE" ] || ! runsvdir_runs; then
    lacks "a runsvdir that runs for $RUNDOCK_SERVICE, so nothing would be supervised (package runit-run, or runit where there is none)"
  fi
}

lacks() {
  missing="$missing,\"$1\""
}

# All at once, since a script of one version may not fit another's: the folder is a link to one of two, which take turns.
# What runs meanwhile goes on with its old text.
install_scripts() {
  if same_tree "$from/lib" "$RUNDOCK_LIB/"; then return 0; fi
  turn=$RUNDOCK_LIB.a
  [ "$(readlink "$RUNDOCK_LIB")" != "$turn" ] || turn=$RUNDOCK_LIB.b
  rm -rf "$turn" "$RUNDOCK_LIB.old"
  cp -pR "$from/lib" "$turn"
  # Older versions had no link.
  if [ -d "$RUNDOCK_LIB" ] && [ ! -L "$RUNDOCK_LIB" ]; then mv "$RUNDOCK_LIB" "$RUNDOCK_LIB.old"; fi
  point_link "$RUNDOCK_LIB" "$turn"
  rm -rf "$RUNDOCK_LIB.old"
  changed=yes
}

# Each by rename.
install_files() {
  rm -f "$2"/*.new
  for file in "$1"/*; do
    [ -f "$file" ] || continue
    target=$2/${file##*/}
    if cmp -s "$file" "$target" && [ "$(rights_of "$file")" = "$(rights_of "$target")" ]; then continue; fi
    cp -p "$file" "$target.new"
    mv "$target.new" "$target"
    changed=yes
  done
}

rights_of() {
  stat -c '%a %u:%g' "$1"
}

# apply.sh pulls with what is in this folder, when there is one.
install_registry_logins() {
  if [ -d "$from/etc/docker" ]; then
    mkdir -p "$RUNDOCK_ETC/docker"
    install_files "$from/etc/docker" "$RUNDOCK_ETC/docker"
    chmod 600 "$RUNDOCK_ETC/docker/config.json"
  else
    rm -rf "$RUNDOCK_ETC/docker"
  fi
}

drop_maintenance_mark() {
  if [ -e "$from/etc/maintenance" ] || [ ! -e "$RUNDOCK_ETC/maintenance" ]; then return 0; fi
  rm -f "$RUNDOCK_ETC/maintenance"
  changed=yes
}

# A host that is in maintenance counts as installed when nobody uses its services any more.
leave_dns() {
  warnings=
  [ -e "$RUNDOCK_ETC/maintenance" ] || return 0
  "$RUNDOCK_LIB/leave-dns.sh" 2>/dev/null ||
    warnings='"it is in maintenance, but its records could not be taken out of etcd: is etcd up?"'
}

drop_etcd_access() {
  for file in "$RUNDOCK_ETC"/etcd*; do
    if [ -f "$file" ] && [ ! -e "$from/etc/${file##*/}" ]; then rm -f "$file"; fi
  done
}

# USR1 makes a running announcer go on with the new text and configuration; its records stay.
install_announcer() {
  announcer=$RUNDOCK_SV/rundock-announcer
  mkdir -p "$announcer"
  printf '#!/bin/sh\nexec %s/announcer.sh\n' "$RUNDOCK_LIB" >"$announcer/run.new"
  chmod 755 "$announcer/run.new"
  mv "$announcer/run.new" "$announcer/run"
  [ -L "$RUNDOCK_SERVICE/rundock-announcer" ] || ln -s "$announcer" "$RUNDOCK_SERVICE/rundock-announcer"
  [ -z "$changed" ] || sv 1 "$RUNDOCK_SERVICE/rundock-announcer" >/dev/null 2>&1 || true
}

main
