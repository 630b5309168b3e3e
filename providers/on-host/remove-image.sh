#!/bin/sh
# remove-image.sh REFERENCE NAME ID…
# Takes the names of a loaded image away, and so the image, unless a container uses it. REFERENCE goes only while it
# stands for one of the IDs.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"

main() {
  [ $# -ge 3 ] || wrong_call 'remove-image.sh REFERENCE NAME ID…'
  reference=$1 name=$2
  shift 2
  failure_log=$(mktemp)
  trap 'rm -f "$failure_log"' EXIT
  containers=$(docker ps --all --filter "ancestor=$name" --format '{{.Names}}' 2>"$failure_log") ||
    fail remove "image $name" "$(tail -n 1 "$failure_log")" 'Start dockerd on the host'
  if [ -z "$containers" ]; then
    remove_if_it_is "$name" "$@"
    remove_if_it_is "$reference" "$@"
  fi
  printf %s "$containers" | jq -R . | jq -s -c '{ok: true, containers: .}'
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
