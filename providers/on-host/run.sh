#!/bin/sh
# run.sh: started by runsv in the service's directory. Makes sure that the container runs and then waits for its end
# with a process of 0.2 MB, which may be killed: the next run adopts the container.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/lock.sh"
. "$here/uptime.sh"
. "$here/mark.sh"
. "$here/release.sh"
. "$here/start-container.sh"
. "$here/settle.sh"
. "$here/supervision.sh"
name=${PWD##*/}

# dockerd may be starting, at a boot or after an upgrade.
until docker_request GET /_ping; do sleep 0.5; done

# apply.sh stops and starts the container itself; until it is done there is nothing to do here.
lock_service "$name"
# A link that went meanwhile means that the service was disabled or removed.
[ -L "$RUNDOCK_SERVICE/$name" ] || exit 0
settle "$name"
start_container "$name" >/dev/null
retire_in_background "$name"
read_uptime
echo "$uptime" >"$RUNDOCK_RUN/$name.started"
unlock_service
kick_announcer
exec nc -U "$RUNDOCK_DOCKER" <wait-request >"$RUNDOCK_RUN/$name.exit"
