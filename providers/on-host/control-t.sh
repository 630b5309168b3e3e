#!/bin/sh
# control-t.sh: runit calls it instead of sending TERM, for `sv down` and the like. Exit 0 keeps the waiter from TERM:
# it ends by itself when the container stops.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/stop-container.sh"
name=${PWD##*/}

echo control >"$RUNDOCK_RUN/withdrawn/$name"
"$here/withdraw.sh" "$name"
drain "$name"
stop_container "$name" || true
rm -f "$RUNDOCK_RUN/withdrawn/$name"
