#!/bin/sh
# walk.sh NAME FOLDER KIND: kills apply.sh with all of its processes at its first command, at its second and so on, until
# one call ends by itself; after each kill looks whether what must hold holds, and lets the same call complete it.
# FOLDER has a.tar, a.release, b.tar and b.release. KIND is create, disable, or anything that leaves a container running.
# Prints `NAME: N steps` and a line `NAME: step N: …` for what does not hold.
set -eu
name=$1 folder=$2 kind=$3
lib=/usr/local/lib/rundock
commands='base64 cat chmod cmp cp curl date diff docker find flock grep jq ln mkdir mv nc readlink rm sed setsid sh sleep sort stat sv tail tar timeout true'

main() {
  make_shims
  step=0 target=b
  apply a enabled >/dev/null || wrong 'the first call fails'
  # What waits for runsv to go repeats the same commands for as long as that takes.
  while [ "$step" -lt 50 ]; do
    step=$((step + 1))
    prepare
    echo "$step" >"$folder/kill-at"
    : >"$folder/count"
    setsid --wait env "PATH=$folder/shims" "$lib/apply.sh" "$name" "$(cat "$folder/$target.release")" "$(wanted)" 0 \
      <"$folder/$target.tar" >"$folder/answer" 2>"$folder/errors" || true
    ! grep -qE 'not found|failed to execute' "$folder/errors" || wrong "a command has no shim: $(cat "$folder/errors")"
    [ "$(stat -c %s "$folder/count")" -ge "$step" ] || break
    check_after_kill
    apply "$target" "$(wanted)" >"$folder/answer" 2>&1 || wrong "the next call fails: $(tail -n 2 "$folder/answer")"
    check_completed
  done
  grep -q '"ok":true' "$folder/answer" || wrong "the last call fails: $(cat "$folder/answer" "$folder/errors")"
  echo "$name: $step steps"
  "$lib/remove.sh" "$name" >/dev/null
}

# A command that has no shim is not found, and the walk fails.
make_shims() {
  mkdir -p "$folder/shims"
  for command in $commands; do
    cat >"$folder/shims/$command" <<SHIM
#!/bin/sh
printf . >>"$folder/count"
read -r kill_at <"$folder/kill-at"
[ "\$($(command -v stat) -c %s "$folder/count")" -lt "\$kill_at" ] || kill -9 0
exec $(command -v "$command") "\$@"
SHIM
    chmod 755 "$folder/shims/$command"
  done
}

# What each kind starts from; the two releases take turns.
prepare() {
  case $kind in
    create) "$lib/remove.sh" "$name" >/dev/null ;;
    disable) apply a enabled >/dev/null ;;
    *) if [ "$target" = a ]; then target=b; else target=a; fi ;;
  esac
}

wanted() {
  if [ "$kind" = disable ]; then echo disabled; else echo enabled; fi
}

apply() {
  "$lib/apply.sh" "$name" "$(cat "$folder/$1.release")" "$2" 0 <"$folder/$1.tar"
}

check_after_kill() {
  current=/etc/sv/$name/releases/current
  if [ -L "$current" ]; then
    for file in container identity image ready; do [ -s "$current/$file" ] || wrong "the current release has no $file"; done
  fi
  case $kind in
    create | disable) ;;
    start-first | reload) answers || wrong 'no container answers' ;;
    *) eventually answers || wrong 'no container answers within 15 s' ;;
  esac
}

check_completed() {
  eventually is_settled || wrong "left: $(docker ps --all --filter "label=rundock.service=$name" --format '{{.Names}} {{.State}}' | tr '\n' ' ')"
  [ ! -e "/etc/sv/.stage.$name" ] || wrong 'the stage is left'
  flock -w 10 "/run/rundock/$name.lock" true || wrong 'the lock is left'
  [ ! -e "/run/rundock/withdrawn/$name" ] || wrong 'the mark of withdrawal is left'
  [ "$kind" = disable ] || [ "$(readlink "/etc/sv/$name/releases/current")" = "$(cat "$folder/$target.release")" ] || wrong 'the release is another'
  [ "$kind" = disable ] || answers || wrong 'the new container does not answer'
}

is_settled() {
  containers=$(docker ps --all --filter "label=rundock.service=$name" --format '{{.Names}} {{.State}}')
  if [ "$kind" = disable ]; then [ -z "$containers" ]; else [ "$containers" = "$name running" ]; fi
}

answers() {
  for id in $(docker ps --quiet --filter "label=rundock.service=$name"); do
    address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$id")
    if curl --silent --fail --max-time 1 --output /dev/null "http://$address:8080/"; then return 0; fi
  done
  return 1
}

eventually() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -le 75 ] || return 1
    sleep 0.2
  done
}

wrong() {
  echo "$name: step $step: $*"
}

main
