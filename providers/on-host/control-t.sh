#!/bin/sh
# control-t.sh: runit calls it instead of sending TERM, for `sv down` and the like. Exit 0 keeps the waiter from TERM:
# it ends by itself when the container stops.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/lock.sh"
. "$here/mark.sh"
. "$here/stop-container.sh"
name=${PWD##*/}

# apply.sh or remove.sh is at work and stops the container itself.
lock_service "$name" 0.2 || exit 0
inspect_container "$name" || true
# Nothing to wait for the end of: TERM ends a run.sh that waits for dockerd.
[ "$container_running" = true ] || exit 1

mark_withdrawn "$name" control
"$here/withdraw.sh" "$name"
drain "$name"
stop_container "$name" "$name" || true
unmark_withdrawn "$name"
