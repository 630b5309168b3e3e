#!/bin/sh
# finish.sh EXIT SIGNAL: runs in the service's directory after run.sh ended. Withdraws the record at once and holds back
# a container that keeps failing: 1 s, doubled each time up to 30 s, from the start again after it ran for a minute.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/lock.sh"
name=${PWD##*/}
state=$RUNDOCK_RUN/$name

# apply.sh and remove.sh hold the lock while they stop the container: that is no failure, and the record is theirs.
if is_service_locked "$name"; then exit 0; fi

# Disabled or removed: nothing will start here again.
[ -L "$RUNDOCK_SERVICE/$name" ] || exit 0
inspect_container "$name" || true
# The waiter was killed, not the container.
[ "${container_running:-}" != true ] || exit 0

"$here/withdraw.sh" "$name"
code=unknown
[ ! -r "$state.exit" ] || code=$(sed -n 's/.*"StatusCode":\([0-9]*\).*/\1/p' "$state.exit")
now=$(date +%s)
started=$now
[ ! -r "$state.started" ] || IFS= read -r started <"$state.started"
rm -f "$state.started" "$state.exit"
pause=0
[ ! -r "$state.backoff" ] || IFS= read -r pause <"$state.backoff"
if [ $((now - started)) -ge 60 ]; then pause=0; fi
pause=$((pause * 2))
if [ "$pause" -lt 1 ]; then pause=1; fi
if [ "$pause" -gt 30 ]; then pause=30; fi
echo "$pause" >"$state.backoff"
echo "$name: container ended with ${code:-unknown}; starting again in $pause s" >&2
sleep "$pause"
