#!/bin/sh
# finish.sh EXIT SIGNAL: runs in the service's directory after run.sh ended. Withdraws the record at once and holds back
# a container that keeps failing: 1 s, doubled each time up to 30 s, from the start again after it ran for a minute.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/lock.sh"
. "$here/uptime.sh"
. "$here/etcd.sh"
. "$here/supervision.sh"
. "$here/lines.sh"
. "$here/withdraw-records.sh"
name=${PWD##*/}
state=$RUNDOCK_RUN/$name

# apply.sh and remove.sh hold the lock while they stop the container: that is no failure, and the record is theirs.
if is_service_locked "$name"; then exit 0; fi

# Disabled or removed: nothing will start here again.
[ -L "$RUNDOCK_SERVICE/$name" ] || exit 0
# The waiter wrote it when the container ended, and not when the waiter was killed. Until the record is gone requests fail,
# so nothing is asked that is known.
code=$(sed -n 's/.*"StatusCode":\([0-9]*\).*/\1/p' "$state.exit" 2>/dev/null) || code=
if [ -z "$code" ]; then
  inspect_container "$name" || true
  [ "${container_running:-}" != true ] || exit 0
fi

withdraw_records "$name"
read_uptime
started=$uptime
[ ! -r "$state.started" ] || IFS= read -r started <"$state.started"
rm -f "$state.started" "$state.exit"
pause=0
[ ! -r "$state.backoff" ] || IFS= read -r pause <"$state.backoff"
if [ $((uptime - started)) -ge 6000 ]; then pause=0; fi
pause=$((pause * 2))
if [ "$pause" -lt 1 ]; then pause=1; fi
if [ "$pause" -gt 30 ]; then pause=30; fi
echo "$pause" >"$state.backoff"
echo "$name: container ended with ${code:-unknown}; starting again in $pause s" >&2
sleep "$pause"
