#!/bin/sh
# remove-image.sh REFERENCE NAME ID…
# Takes the names of a loaded image away, and so the image, unless a container uses it. REFERENCE goes only while it
# stands for one of the IDs.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/stage.sh"

main() {
  [ $# -ge 3 ] || wrong_call 'remove-image.sh REFERENCE NAME ID…'
  reference=$1 name=$2
  shift 2
  make_stage remove-image
  failure_log=$stage/log
  await_retirement "$name"
  if [ -z "$containers" ]; then
    remove_if_it_is "$name" "$@"
    remove_if_it_is "$reference" "$@"
  fi
  printf %s "$containers" | jq -R . | jq -s -c '{ok: true, containers: .}'
}

# await_retirement IMAGE: sets containers, those that use it. One that another has just replaced drains and stops yet.
await_retirement() {
  retirement_polls=0
  while :; do
    containers=$(docker ps --all --filter "ancestor=$1" --format '{{.Names}}' 2>"$failure_log") ||
      fail remove "image $1" "$(tail -n 1 "$failure_log")" 'Start dockerd on the host'
    case $newline$containers$newline in
      *".last$newline"*) ;;
      *) return 0 ;;
    esac
    retirement_polls=$((retirement_polls + 1))
    [ "$retirement_polls" -le 60 ] || return 0
    sleep 1
  done
}

# remove_if_it_is NAME ID…
remove_if_it_is() {
  found=$1
  found_id=$(docker image inspect --format '{{.Id}}' "$found" 2>/dev/null) || return 0
  shift
  for id; do
    [ "$id" = "$found_id" ] || continue
    docker rmi "$found" >"$failure_log" 2>&1 ||
      fail remove "image $found" "$(tail -n 1 "$failure_log")" 'Look for what uses it with docker ps --all'
  done
}

main "$@"
