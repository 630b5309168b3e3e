#!/bin/sh
# walk.sh NAME FOLDER KIND, behind service-containers.sh: kills a script with all of its processes at its first command, at
# its second and so on, until one call ends by itself; after each kill looks whether what must hold holds, and lets the same
# call complete it, unless an earlier one has completed just the same.
# FOLDER has a.tar, a.release, b.tar and b.release.
# KIND is create, disable, remove, install, snapshot, adopt, adopt-changed, or anything that leaves a container running.
# Prints `NAME: N steps` and a line `NAME: step N: …` for what does not hold.
set -eu
name=$1 folder=$2 kind=$3
# What is adopted has no label.
# shellcheck disable=SC2034 # list reads it
case $kind in adopt*) filter="\"name\":[\"$name\"]" ;; esac
lib=/usr/local/lib/rundock
commands='base64 cat chmod chown cmp cp curl date diff docker find flock grep jq ln mkdir mv nc readlink rm sed setsid sh sha256sum sleep sort stat sv tail tar timeout tr true'

main() {
  make_shims
  step=0 completed=0 target=b start='' untouched=
  : >"$folder/known"
  prepare
  while [ "$step" -lt 400 ]; do
    step=$((step + 1))
    [ -n "$untouched" ] || start_anew
    echo "$step" >"$folder/kill-at"
    : >"$folder/count"
    call setsid --wait env "PATH=$folder/shims" >"$folder/answer" 2>"$folder/errors" || true
    ! grep -qE 'not found|failed to execute' "$folder/errors" || wrong "a command has no shim: $(cat "$folder/errors")"
    [ "$(stat -c %s "$folder/count")" -ge "$step" ] || break
    check_after_kill
    if is_known; then continue; fi
    completed=$((completed + 1))
    call env >"$folder/answer" 2>"$folder/errors" || wrong "the next call fails: $(tail -n 2 "$folder/answer" "$folder/errors")"
    check_completed
  done
  is_answer_good || wrong "the last call fails: $(cat "$folder/answer" "$folder/errors")"
  echo "$name: $step steps, $completed completions"
  clean_up
}

# A command that has no shim is not found, and the walk fails. What waits for runsv to go repeats the same commands for as
# long as that takes, and is no step.
make_shims() {
  mkdir -p "$folder/shims"
  for command in $commands; do
    cat >"$folder/shims/$command" <<SHIM
#!/bin/sh
case "\$*" in 0.05 | *supervise/lock*) PATH=$PATH exec $(command -v "$command") "\$@" ;; esac
printf . >>"$folder/count"
read -r kill_at <"$folder/kill-at"
read -r dots <"$folder/count"
[ "\${#dots}" -lt "\$kill_at" ] || kill -9 0
exec $(command -v "$command") "\$@"
SHIM
    chmod 755 "$folder/shims/$command"
  done
}

prepare() {
  case $kind in
    create | remove | snapshot | adopt*) ;;
    install) make_versions ;;
    *) apply env a enabled >/dev/null || wrong 'the first call fails' ;;
  esac
}

# What is installed, and the same with another line in each of three files.
make_versions() {
  for version in a b; do
    mkdir -p "$folder/$version/etc"
    cp -pR "$lib/." "$folder/$version/lib"
    cp -p "$lib/install.sh" "$folder/$version"
    cp -p /etc/rundock/* "$folder/$version/etc"
    echo "$version" >"$folder/$version/etc/walk"
  done
  for file in lib/apply.sh lib/run.sh; do echo '# another version' >>"$folder/b/$file"; done
}

start_anew() {
  prepare_step
  start=$(found) old_id=$(list '.[0].Id')
}

# is_known: whether what the kill left was completed before. Where nothing but the stage was touched, the next step starts from
# there.
is_known() {
  untouched=
  case $kind in install | snapshot) return 1 ;; esac
  left=$(found)
  key=$({ echo "$target $left" && find "/etc/sv/.stage.$name" -printf '%p %y %m %s %l\n' -type f -exec cat {} +; } 2>/dev/null |
    sed "s/$old_id/old/g; s/^container [0-9a-f]*/container/; s/^process [0-9]*/process/" | sha256sum)
  if ! grep -qxF "$key" "$folder/known"; then
    echo "$key" >>"$folder/known"
    return 1
  fi
  if [ "$left" = "$start" ]; then
    rm -rf "/etc/sv/.stage.$name"
    untouched=yes
    return 0
  fi
  case $kind in create | adopt*) ;; *) return 1 ;; esac
}

# What each step starts from; two releases, or two sets of scripts, take turns.
prepare_step() {
  case $kind in
    create) "$lib/remove.sh" "$name" >/dev/null ;;
    disable | remove) apply env a enabled >/dev/null ;;
    adopt*) make_origin ;;
    *) if [ "$target" = a ]; then target=b; else target=a; fi ;;
  esac
}

# The tree of the Ansible module with its nested supervisors, and a container that is the same as a's, or not.
make_origin() {
  target=a
  # It takes no TERM; and without a link nobody holds it back from another start.
  rm -f "/etc/service/$name"
  curl --silent --request DELETE --unix-socket /var/run/docker.sock "http://docker/containers/$name?force=1" >/dev/null
  "$lib/remove.sh" "$name" >/dev/null
  sh "$folder/origin-host.sh" "$name" "$(cat "$folder/image")" "http://127.0.0.1:1/v2/keys/skydns/$name/host"
  sed -i '/^docker \(rm\|pull\)/d' "/etc/sv/docker-$name/run"
  # runsvdir would come to it in 5 s only.
  rm "/etc/service/docker-$name"
  (cd / && setsid runsv "/etc/sv/docker-$name" >/dev/null 2>&1 &)
  { eventually runs && eventually answers; } || wrong 'the old container does not run'
}

runs() {
  [ "$(containers)" = "$name running " ]
}

# call WORDS…: what is killed, and what completes it, behind these words
call() {
  case $kind in
    remove) "$@" "$lib/remove.sh" "$name" ;;
    install) "$@" sh "$folder/$target/install.sh" "$folder/$target" ;;
    snapshot) "$@" "$lib/snapshot.sh" ;;
    disable) apply "$*" "$target" disabled ;;
    adopt*) apply "$*" "$target" enabled adopt ;;
    *) apply "$*" "$target" enabled ;;
  esac
}

# apply WORDS VERSION enabled|disabled [adopt]
apply() {
  # shellcheck disable=SC2086 # words without blanks
  $1 "$lib/apply.sh" "$name" "$(cat "$folder/$2.release")" "$3" 0 ${4-} <"$folder/$2.tar"
}

is_answer_good() {
  [ "$kind" = snapshot ] || grep -q '"ok":true' "$folder/answer"
}

check_after_kill() {
  current=/etc/sv/$name/releases/current
  if [ -L "$current" ]; then
    for file in container identity image ready; do [ -s "$current/$file" ] || wrong "the current release has no $file"; done
  fi
  case $kind in
    create | disable | remove | snapshot) ;;
    install) is_installed a || is_installed b || wrong 'the scripts are of two versions' ;;
    adopt) is_old_container || wrong 'the old container does not run on' ;;
    adopt-changed | start-first | reload | maintenance) answers || wrong 'no container answers' ;;
    *) eventually answers || wrong 'no container answers' ;;
  esac
}

check_completed() {
  case $kind in
    install) check_installed && return 0 ;;
    snapshot) check_snapshot && return 0 ;;
  esac
  eventually is_settled || wrong "left: $(containers)"
  [ ! -e "/etc/sv/.stage.$name" ] || wrong 'the stage is left'
  flock -w 60 "/run/rundock/$name.lock" true || wrong 'the lock is left'
  [ ! -e "/run/rundock/withdrawn/$name" ] || wrong 'the mark of withdrawal is left'
  case $kind in
    remove) check_removed ;;
    adopt*) check_adopted ;;
  esac
  case $kind in
    disable | remove) ;;
    maintenance)
      case $target$(ls "/etc/sv/$name/maintenance" 2>/dev/null) in a | b?*) ;; *) wrong 'the mark of maintenance is another' ;; esac
      answers || wrong 'the container does not answer'
      ;;
    *)
      [ "$(readlink "/etc/sv/$name/releases/current")" = "$(cat "$folder/$target.release")" ] || wrong 'the release is another'
      answers || wrong 'the new container does not answer'
      ;;
  esac
}

check_adopted() {
  if [ "$kind" = adopt ]; then is_old_container; else ! is_old_container; fi || wrong 'the wrong container runs'
  [ ! -e "/etc/sv/docker-$name" ] || wrong 'the old tree is left'
  ! readlink /proc/[0-9]*/cwd | grep -q "/docker-$name" || wrong 'a process of the old tree is left'
}

# What is made beside it for the comparison never runs.
is_old_container() {
  [ "$(list ".[] | select(.State == \"running\") | .Id")" = "$old_id" ]
}

check_removed() {
  rm -f "/run/rundock/$name.lock"
  for left in "/etc/sv/$name" "/etc/sv/.gone.$name" "/etc/service/$name" "/run/rundock/$name".*; do
    if [ -e "$left" ] || [ -L "$left" ]; then wrong "$left is left"; fi
  done
}

check_installed() {
  is_installed "$target" || wrong 'the scripts are of another version'
  cmp -s "$folder/$target/etc/walk" /etc/rundock/walk || wrong 'a file in /etc/rundock is of another version'
  for left in /usr/local/lib/rundock.new /usr/local/lib/rundock.old /etc/rundock/*.new; do [ ! -e "$left" ] || wrong "$left is left"; done
}

is_installed() {
  diff -r "$folder/$1/lib" "$lib/" >/dev/null
}

check_snapshot() {
  for left in /run/rundock/snapshot.*; do [ ! -e "$left" ] || wrong "$left is left"; done
}

is_settled() {
  case $kind in
    disable | remove) [ -z "$(containers)" ] ;;
    *) [ "$(containers)" = "$name running " ] ;;
  esac
}

clean_up() {
  case $kind in
    install) sh "$folder/a/install.sh" "$folder/a" >/dev/null && rm /etc/rundock/walk ;;
    snapshot) ;;
    *) "$lib/remove.sh" "$name" >/dev/null ;;
  esac
}

wrong() {
  echo "$name: step $step: $*"
}

main
