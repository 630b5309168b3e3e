# shellcheck shell=sh disable=SC2154 # sourced after paths.sh
# serving_candidates: reads announce.jq's lines, and prints of those that serve the first five words.
# All HTTP probes go out side by side from one curl.
serving_candidates() {
  lines=
  set --
  while read -r service container mark key value kind address port path; do
    if [ -z "$service" ] || [ -e "$RUNDOCK_RUN/withdrawn/$service" ]; then continue; fi
    case $kind in
      tcp) nc -z -w 1 "$address" "$port" || continue ;;
      http) set -- "$@" --output /dev/null "http://$address:$port$path" ;;
    esac
    lines="$lines$service $container $mark $key $value http://$address:$port$path $kind$newline"
  done
  answers=
  if [ $# -gt 0 ]; then
    answers=$(curl --silent --no-progress-meter --globoff --parallel --parallel-immediate --max-time 1 --write-out '%{http_code} %{url}\n' "$@") || true
  fi
  printf %s "$lines" | while read -r service container mark key value url kind; do
    if [ "$kind" = http ]; then is_good_answer "$url" || continue; fi
    printf '%s %s %s %s %s\n' "$service" "$container" "$mark" "$key" "$value"
  done
}

is_good_answer() {
  case $newline$answers$newline in
    *"${newline}2"??" $1$newline"* | *"${newline}3"??" $1$newline"*) return 0 ;;
  esac
  return 1
}
