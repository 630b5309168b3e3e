# shellcheck shell=sh disable=SC2154,SC2034 # sourced after paths.sh, lines.sh, mark.sh and maintenance-mark.sh
# The announcer's probes: all of one tick with a handful of processes, whatever the number of services.

# A connection costs a process, so those that serve take turns; an HTTP probe costs next to nothing beside another.
CONNECTIONS_A_TURN=5

# find_serving: of candidates, announce.jq's lines, sets serving to the lines `NAME CONTAINER MARK KEY VALUE` of each that
# serves, and pending when one that is to be announced does not. turn is the first whose turn it is. A kick hastens the
# turn of nobody: it is about another service.
find_serving() {
  in_turn=0
  if [ $((looked_at - turned_at)) -ge $((LOOK_HUNDREDTHS - EARLY_HUNDREDTHS)) ]; then
    in_turn=$CONNECTIONS_A_TURN turned_at=$looked_at
  fi
  ask_probes
  served=$newline$serving$newline
  serving='' pending='' index=0
  in_lines keep_serving "$candidates"
  serving=${serving%"$newline"}
  turn=$((turn + in_turn))
  [ "$turn" -lt "$index" ] || turn=0
}

# All HTTP probes go out side by side from one curl.
ask_probes() {
  urls='' answers=
  in_lines add_url "$candidates"
  [ -n "$urls" ] || return 0
  # The look before it and those that hang here may take a second each.
  keep_lease || true
  # URLs hold no blanks.
  set -f
  # shellcheck disable=SC2086
  answers=$newline$(curl --silent --no-progress-meter --globoff --parallel --parallel-immediate --max-time 1 \
    --write-out '%{http_code} %{url}\n' $urls)$newline || true
  set +f
}

add_url() {
  [ "$8" = http ] || return 0
  urls="$urls --output /dev/null http://$9:${10}${11}"
}

keep_serving() {
  if is_withdrawn "$1" || is_in_maintenance "$1"; then return 0; fi
  lines="$1 $2 $3 $4 $5"
  [ "$6" = - ] || lines="$lines$newline$1 $2 $3 $6 $7"
  if serves "$8" "$9" "${10}" "${11}"; then
    serving="$serving$lines$newline"
    return 0
  fi
  pending=yes
  case $served in *"$newline$1 $2 "*) echo "announcer: $1 does not answer its probe: its record goes" >&2 ;; esac
}

serves() {
  case $1 in
    tcp) takes_connections "$2" "$3" ;;
    http) is_good_answer "http://$2:$3$4" ;;
  esac
}

takes_connections() {
  index=$((index + 1))
  if [ "$index" -le "$turn" ] || [ "$index" -gt $((turn + in_turn)) ]; then
    case $served in *"$newline$lines$newline"*) return 0 ;; esac
  fi
  # Those that hang cost a second each.
  keep_lease || true
  nc -z -w 1 "$1" "$2" 2>/dev/null
}

is_good_answer() {
  case $answers in
    *"${newline}2"??" $1$newline"* | *"${newline}3"??" $1$newline"*) return 0 ;;
  esac
  return 1
}
