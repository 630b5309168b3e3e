#!/bin/sh
# load-image.sh REFERENCE NAME ID… <archive
# Loads an archive of docker save. Afterwards NAME stands for the image in it, which must have one of the IDs.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/stage.sh"

main() {
  [ $# -ge 3 ] || wrong_call 'load-image.sh REFERENCE NAME ID… <archive'
  reference=$1 name=$2
  shift 2
  make_stage load-image
  failure_log=$stage/log
  docker load --quiet >"$failure_log" 2>&1 ||
    fail load "image $reference" "$(tail -n 1 "$failure_log")" 'Check the archive, and that the host has room for it'
  for id; do
    docker tag "$id" "$name" 2>/dev/null || continue
    echo '{"ok":true}'
    return 0
  done
  fail load "image $reference" 'the archive holds another image than it says' 'Save it anew with docker save'
}

main "$@"
