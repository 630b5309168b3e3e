#!/bin/sh
# retire.sh NAME: drains, stops and removes NAME.last, the container that a new one has replaced. Killed, it is started
# anew by the next run.sh or apply.sh.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/stop-container.sh"
[ $# -eq 1 ] || exit 100

exec 8>"$RUNDOCK_RUN/$1.retire"
flock 8
inspect_container "$1.last"
[ -n "$container_id" ] || exit 0
if [ "$container_running" = true ]; then
  drain "$1"
  stop_container "$1.last" "$1"
fi
remove_inspected "$1.last"
