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
. "$here/process.sh"
name=${PWD##*/}
state=$RUNDOCK_RUN/$name

main() {
  lock_while_linked
  # dockerd may be starting, at a boot or after an upgrade.
  until settle "$name"; do
    unlock_service
    sleep 0.5
    lock_while_linked
  done
  [ -z "$has_last" ] || retire_in_background "$name"
  start_container "$name" >/dev/null
  # Of one that ran already the announcer knows.
  found_running=$container_running
  [ "$found_running" = true ] || inspect_container "$name"
  note_start
  unlock_service
  [ "$found_running" = true ] || kick_announcer
  stop_if_unwanted
  if has_stream; then wait_for_stream; else wait_for_docker; fi
}

# apply.sh stops and starts the container itself; until it is done there is nothing to do here. A link that went meanwhile
# means that the service was disabled or removed: nothing of it is to be settled.
lock_while_linked() {
  lock_service "$name"
  [ -L "$RUNDOCK_SERVICE/$name" ] || exit 0
}

# note_start: sets earlier_start and earlier_pid, what the run before noted, if its container did not end.
note_start() {
  read_uptime
  earlier_start=0 earlier_pid=
  [ ! -r "$state.started" ] || read -r earlier_start earlier_pid <"$state.started" || true
  echo "$uptime $container_pid" >"$state.started"
}

# What runsv was told while this had the lock, control-t.sh has left to the one who had it.
stop_if_unwanted() {
  supervise_state=
  IFS= read -r supervise_state 2>/dev/null <supervise/stat || return 0
  case $supervise_state in *want*) "$here/control-t.sh" || true ;; esac
}

# Of a container that is paused, or closes its error stream, the wait for the stream ended at once.
has_stream() {
  is_alive "$container_pid" || return 1
  [ "$earlier_pid" != "$container_pid" ] || [ $((uptime - earlier_start)) -ge 300 ]
}

# A container's streams end with its last process. Docker answers a wait when it has cleaned up, 0.1 to 0.2 s later, and
# until then requests would fail.
wait_for_stream() {
  : >"$state.exit"
  wake_if_late
  exec nc -U "$RUNDOCK_DOCKER" >/dev/null <<EOF
POST /containers/$name/attach?stream=1&stderr=1 HTTP/1.0$carriage_return
$carriage_return
EOF
}

# To a container that has just ended Docker attaches until its next end.
wake_if_late() {
  (wake_after_a_second </dev/null >/dev/null 2>&1 &)
}

wake_after_a_second() {
  sleep 1
  is_alive "$container_pid" || kill $$
}

wait_for_docker() {
  exec nc -U "$RUNDOCK_DOCKER" <wait-request >"$state.exit"
}

main
