#!/bin/sh
# snapshot.sh: everything of Rundock's on this host as one archive on stdout, with a handful of processes whatever the
# number of services. Of secrets only hashes travel.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/own-containers.sh"
. "$here/service-files.sh"
. "$here/stage.sh"
make_stage snapshot

list_own_containers all || exit 111
printf %s "$docker_body" >"$stage/containers.json"
for link in "$RUNDOCK_SERVICE"/*; do
  if [ -L "$link" ]; then echo "${link##*/}"; fi
done >"$stage/links"
find -H "$RUNDOCK_LIB" "$RUNDOCK_ETC" -type f -exec sha256sum {} + >"$stage/scripts"
find -H "$RUNDOCK_LIB" "$RUNDOCK_ETC" -type f -exec stat -c '%a %u:%g %n' {} + >"$stage/script-modes"

cd "$RUNDOCK_SV"
set --
for private in */releases/current/private/.; do
  if [ -d "$private" ]; then set -- "$@" "$private"; fi
done
: >"$stage/secrets"
: >"$stage/secret-modes"
if [ $# -gt 0 ]; then
  find "$@" -type f -exec sha256sum {} + >"$stage/secrets"
  find "$@" -exec stat -c '%a %u:%g %F %n' {} + >"$stage/secret-modes"
fi

# What containers have mounted may be of a release that is not the current one.
set --
for mounted in */releases/*/files */releases/*/private/files; do
  release=${mounted%/files}
  if [ -d "$mounted" ] && [ ! -L "${release%/private}" ]; then set -- "$@" "$mounted"; fi
done
: >"$stage/mounted"
if [ $# -gt 0 ]; then find "$@" -type f -exec sha256sum {} + >"$stage/mounted"; fi

: >"$stage/extras"
set --
for service in */releases; do
  service=${service%/releases}
  for part in $SERVICE_FILES maintenance releases/current/.; do
    if [ -e "$service/$part" ]; then set -- "$@" "$service/$part"; fi
  done
  list_extras "$service"
  while IFS= read -r extra; do
    [ -z "$extra" ] || echo "$service/$extra" >>"$stage/extras"
  done <<EOF
$extras
EOF
done
# tar refuses a -C with no name behind it, as on a host without services.
if [ $# -gt 0 ]; then set -- -C "$RUNDOCK_SV" "$@"; fi
tar -cf - --exclude='*/releases/current/./private' -C "$stage" containers.json extras links mounted scripts script-modes secret-modes secrets "$@"
