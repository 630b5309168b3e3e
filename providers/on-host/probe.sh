# shellcheck shell=sh disable=SC2154 # sourced after paths.sh and mark.sh
# The announcer's probes: all of one tick with a handful of processes, whatever the number of services.

# A connection costs a process, so those that serve take turns; an HTTP probe costs next to nothing beside another.
CONNECTIONS_A_TICK=5

# find_serving <LINES: reads announce.jq's lines; sets serving, the first five words of each that serves, and pending when
# one that is to be announced does not. turn is the first whose turn it is.
find_serving() {
  served=$newline$serving$newline
  serving='' pending='' lines='' index=0
  set --
  while read -r service container mark key value kind address port path; do
    if [ -z "$service" ] || is_withdrawn "$service"; then continue; fi
    [ "$kind" != http ] || set -- "$@" --output /dev/null "http://$address:$port$path"
    lines="$lines$service $container $mark $key $value $kind $address $port http://$address:$port$path$newline"
  done
  get_answers "$@"
  keep_serving <<EOF
$lines
EOF
  turn=$((turn + CONNECTIONS_A_TICK))
  [ "$turn" -lt "$index" ] || turn=0
}

keep_serving() {
  while read -r service container mark key value kind address port url; do
    [ -n "$service" ] || continue
    line="$service $container $mark $key $value"
    case $kind in
      tcp) takes_connections || { pending=yes && continue; } ;;
      http) is_good_answer "$url" || { pending=yes && continue; } ;;
    esac
    serving="$serving$line$newline"
  done
  serving=${serving%"$newline"}
}

takes_connections() {
  index=$((index + 1))
  if [ "$index" -le "$turn" ] || [ "$index" -gt $((turn + CONNECTIONS_A_TICK)) ]; then
    case $served in *"$newline$line$newline"*) return 0 ;; esac
  fi
  nc -z -w 1 "$address" "$port" 2>/dev/null
}

# All HTTP probes go out side by side from one curl.
get_answers() {
  answers=
  [ $# -gt 0 ] || return 0
  answers=$(curl --silent --no-progress-meter --globoff --parallel --parallel-immediate --max-time 1 --write-out '%{http_code} %{url}\n' "$@") || true
}

is_good_answer() {
  case $newline$answers$newline in
    *"${newline}2"??" $1$newline"* | *"${newline}3"??" $1$newline"*) return 0 ;;
  esac
  return 1
}
