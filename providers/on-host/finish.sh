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
. "$here/process.sh"
. "$here/lines.sh"
. "$here/withdraw-records.sh"
name=${PWD##*/}
state=$RUNDOCK_RUN/$name

main() {
  # apply.sh and remove.sh hold the lock while they stop the container: that is no failure, and the record is theirs. A
  # run.sh that was started meanwhile would only wait too, and runsv would not go for a second after it.
  if is_service_locked "$name"; then
    wait_for_service "$name"
    exit 0
  fi

  # Disabled or removed: nothing will start here again.
  [ -L "$RUNDOCK_SERVICE/$name" ] || exit 0
  started='' started_pid='' code=
  [ ! -r "$state.started" ] || read -r started started_pid <"$state.started" || true
  [ ! -r "$state.exit" ] || read_exit_code
  if [ -z "$code" ] && container_runs "${1-}"; then exit 0; fi

  # Until the record is gone requests fail: whatever it does not need is asked later.
  withdraw_records "$name"
  [ -n "$code" ] || ask_exit_code
  hold_back
}

# read_exit_code: sets code to what Docker answered the waiter, if it did.
read_exit_code() {
  while read -r answer_line || [ -n "$answer_line" ]; do
    case $answer_line in
      *'"StatusCode":'*)
        code=${answer_line#*'"StatusCode":'}
        code=${code%%[!0-9]*}
        ;;
    esac
  done <"$state.exit"
}

# container_runs EXIT: of one whose streams have just ended Docker says for a moment that it runs. A waiter that was killed
# may be that of a container which another has replaced.
container_runs() {
  if [ "$1" != -1 ] && [ -n "$started_pid" ]; then
    is_alive "$started_pid"
  else
    inspect_container "$name" || true
    [ "${container_running:-}" = true ]
  fi
}

# One that a hand has started again meanwhile does not end.
ask_exit_code() {
  timeout 2 nc -U "$RUNDOCK_DOCKER" <wait-request >"$state.exit" || true
  read_exit_code
}

hold_back() {
  read_uptime
  pause=0
  [ ! -r "$state.backoff" ] || IFS= read -r pause <"$state.backoff"
  if [ $((uptime - ${started:-uptime})) -ge 6000 ]; then pause=0; fi
  rm -f "$state.started" "$state.exit"
  pause=$((pause * 2))
  if [ "$pause" -lt 1 ]; then pause=1; fi
  if [ "$pause" -gt 30 ]; then pause=30; fi
  echo "$pause" >"$state.backoff"
  echo "$name: container ended with ${code:-unknown}; starting again in $pause s" >&2
  sleep "$pause"
}

main "$@"
