#!/bin/sh
# uninstall.sh: removes the announcer, the scripts and the configuration of this host, and the images that were pulled for
# its services. Refused while services remain.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/docker-socket.sh"
. "$here/supervision.sh"
. "$here/uptime.sh"
. "$here/prune-images.sh"

for service in "$RUNDOCK_SV"/*/releases; do
  [ ! -d "$service" ] || fail remove "Rundock's scripts" "${service%/releases} is still there" 'Remove the services first'
done
sv force-stop "$RUNDOCK_SERVICE/rundock-announcer" >/dev/null 2>&1 || true
unlink_service rundock-announcer
wait_for_runsv_to_go rundock-announcer
prune_left_notes all
rm -rf "$RUNDOCK_SV/rundock-announcer" "$RUNDOCK_SV/.pulled" "$RUNDOCK_ETC" "$RUNDOCK_RUN"
echo '{"ok":true}'
rm -rf "$RUNDOCK_LIB" "$RUNDOCK_LIB.a" "$RUNDOCK_LIB.b" "$RUNDOCK_LIB.old"
