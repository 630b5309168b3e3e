#!/bin/sh
# remove.sh NAME: withdraws, drains, stops and removes the service. Its named volumes stay. Gone already is no error.
# With RUNDOCK_CLAIM in the environment, a service that has another claim stays: it is another resource's by now.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/docker-socket.sh"
. "$here/lock.sh"
. "$here/mark.sh"
. "$here/stop-container.sh"
. "$here/supervision.sh"
. "$here/uptime.sh"
. "$here/prune-images.sh"
. "$here/claim.sh"
[ $# -eq 1 ] || wrong_call 'remove.sh NAME'

# list_volumes: the named ones of the current release, as JSON texts. What is mounted from a path is the user's own.
list_volumes() {
  volumes=
  [ -r "$service/releases/current/container" ] || return 0
  while IFS= read -r word; do
    case $word in
      --volume=/*) ;;
      --volume=*)
        word=${word#--volume=}
        volumes="$volumes,\"${word%%:*}\""
        ;;
    esac
  done <"$service/releases/current/container"
}

name=$1
service=$RUNDOCK_SV/$name

lock_service "$name" 900 || fail lock "the service" "another change of it is at work"
leave_if_unheard
if [ -n "${RUNDOCK_CLAIM+set}" ]; then
  read_claim "$service/claim"
  if [ -n "$claim" ] && [ "$claim" != "$RUNDOCK_CLAIM" ]; then
    echo '{"ok":true,"volumes":[],"isTaken":true}'
    exit 0
  fi
fi
remove_container "$name.next"
inspect_container "$name" || fail ask 'the Docker engine' "$RUNDOCK_DOCKER does not answer" 'Start dockerd on the host'
list_volumes
# Without a current release the service never took the place of a container that Rundock did not make.
if [ -n "$container_release" ] || { [ -n "$container_id" ] && [ -L "$service/releases/current" ]; }; then
  mark_withdrawn "$name" remove
  "$here/withdraw.sh" "$name" 9>&-
  if [ "$container_running" = true ]; then drain "$name" && stop_container "$name" "$name"; fi
  remove_inspected "$name"
fi
"$here/retire.sh" "$name" 9>&-
# What was never ours, such as a service that was refused, stays at work.
if [ -e "$service" ] && [ ! -d "$service/releases" ]; then
  unlock_service
else
  unlink_service "$name"
  unlock_service
  wait_for_runsv_to_go "$name"
fi

rm -rf "$RUNDOCK_SV/.stage.$name" "$RUNDOCK_SV/.gone.$name"
if [ -d "$service/releases" ]; then
  leave_note "$name"
  mv "$service" "$RUNDOCK_SV/.gone.$name"
fi
rm -rf "$RUNDOCK_SV/.gone.$name"
for left in "withdrawn/$name" "$name.started" "$name.exit" "$name.backoff" "$name.retire" "$name.lock"; do rm -f "$RUNDOCK_RUN/$left"; done
printf '{"ok":true,"volumes":[%s]}\n' "${volumes#,}"
