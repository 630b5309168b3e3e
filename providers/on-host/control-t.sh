#!/bin/sh
# control-t.sh: runit calls it instead of sending TERM, for `sv down` and the like. Exit 0 keeps the waiter from TERM:
# it ends by itself when the container stops.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/lock.sh"
. "$here/stop-container.sh"
name=${PWD##*/}

# apply.sh or remove.sh is at work, or was, and has stopped the container itself.
if is_service_locked "$name"; then exit 0; fi
inspect_container "$name" || true
[ "$container_running" = true ] || exit 0

echo control >"$RUNDOCK_RUN/withdrawn/$name"
"$here/withdraw.sh" "$name"
drain "$name"
stop_container "$name" "$name" || true
rm -f "$RUNDOCK_RUN/withdrawn/$name"
