# shellcheck shell=sh disable=SC2154 # sourced after paths.sh
# What a script tells Rundock: one JSON object on stdout.
# Exit codes: 100 the call is wrong, 111 the system failed.

# fail VERB OBJECT CAUSE [ADVICE]: answers and ends the script. failure_log (a file) and failure_probe add evidence.
fail() {
  [ -n "${failure_log:-}" ] && [ -r "$failure_log" ] || failure_log=/dev/null
  jq -n -c --arg verb "$1" --arg object "$2" --arg cause "$3" --arg advice "${4:-}" \
    --arg probe "${failure_probe:-}" --rawfile log "$failure_log" '
    {ok: false, verb: $verb, object: $object, cause: $cause, advice: $advice, probe: $probe,
     log: ($log | split("\n") | map(select(. != "")) | .[-20:])}'
  exit 111
}

# leave_if_unheard: ends the script when nobody is left who waits for its answer. Who waited for the lock that long may have
# been overtaken by the call that was to complete this one, and would undo it.
leave_if_unheard() {
  printf ' ' || exit 111
}

wrong_call() {
  echo "usage: $1" >&2
  exit 100
}
