# shellcheck shell=sh disable=SC2034 # sourced after paths.sh; what it sets is read by the others

# make_stage PURPOSE: a folder, named in stage, that goes with this process. Those of processes that were killed go now.
make_stage() {
  for left in "$RUNDOCK_RUN/$1".*; do
    kill -0 "${left##*.}" 2>/dev/null || rm -rf "$left"
  done
  stage=$RUNDOCK_RUN/$1.$$
  trap 'rm -rf "$stage"' EXIT
  rm -rf "$stage"
  mkdir -m 700 "$stage"
}
