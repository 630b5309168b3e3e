#!/bin/sh
# uninstall.sh: removes the announcer, the scripts and the configuration of this host. Refused while services remain.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/supervision.sh"

for service in "$RUNDOCK_SV"/*/releases; do
  [ ! -d "$service" ] || fail remove "Rundock's scripts" "${service%/releases} is still there" 'Remove the services first'
done
sv force-stop "$RUNDOCK_SERVICE/rundock-announcer" >/dev/null 2>&1 || true
unlink_service rundock-announcer
wait_for_runsv_to_go rundock-announcer
rm -rf "$RUNDOCK_SV/rundock-announcer" "$RUNDOCK_ETC" "$RUNDOCK_RUN"
echo '{"ok":true}'
rm -rf "$RUNDOCK_LIB" "$RUNDOCK_LIB.a" "$RUNDOCK_LIB.b" "$RUNDOCK_LIB.old"
