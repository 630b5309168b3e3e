# shellcheck shell=sh disable=SC2154 # sourced after paths.sh

# link_service NAME: runsvdir looks every 5 s; the container runs already, and the first run adopts it.
link_service() {
  [ -L "$RUNDOCK_SERVICE/$1" ] || ln -s "$RUNDOCK_SV/$1" "$RUNDOCK_SERVICE/$1"
}

# unlink_service NAME: and tells runsv to go, so that nobody waits for the scan.
unlink_service() {
  rm -f "$RUNDOCK_SERVICE/$1"
  if is_supervised "$1"; then sv exit "$RUNDOCK_SV/$1" >/dev/null 2>&1 || true; fi
}

is_supervised() {
  [ -e "$RUNDOCK_SV/$1/supervise/lock" ] && ! flock -n "$RUNDOCK_SV/$1/supervise/lock" true 9>&-
}

# wait_for_runsv_to_go NAME: the caller must not hold the service's lock, for which a run.sh may be waiting.
wait_for_runsv_to_go() {
  runsv_polls=0
  while is_supervised "$1" && [ "$runsv_polls" -lt 200 ]; do
    runsv_polls=$((runsv_polls + 1))
    sleep 0.05
  done
}

# end_sv_down NAME: what a hand took down by `sv down` is supervised again.
end_sv_down() {
  supervise_state=
  IFS= read -r supervise_state 2>/dev/null <"$RUNDOCK_SV/$1/supervise/stat" || return 0
  case $supervise_state in
    down | *'want down'*) sv up "$RUNDOCK_SERVICE/$1" >/dev/null 2>&1 || true ;;
  esac
}

# runsvdir_runs: whether one serves our services, and not those of a container.
runsvdir_runs() {
  served=$(readlink -f "$RUNDOCK_SERVICE")
  for process in /proc/[0-9]*; do
    process_name=
    read -r process_name 2>/dev/null <"$process/comm" || continue
    if [ "$process_name" = runsvdir ] && serves_here "$process"; then return 0; fi
  done
  return 1
}

serves_here() {
  [ "$(readlink "$1/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ] || return 1
  tr '\0' '\n' <"$1/cmdline" | while IFS= read -r word; do
    case $word in /*) ;; *) continue ;; esac
    if [ "$(readlink -f "$word")" = "$served" ]; then echo yes; fi
  done | grep -q yes
}

# It looks at once.
kick_announcer() {
  tell_announcer 2
}

# It looks when Docker has seen the end of a container.
kick_announcer_of_end() {
  tell_announcer h
}

# tell_announcer COMMAND: one of runsv's, which sv would write too, by a process. The pipe of a runsv that is gone would
# hold up who opens it to write alone.
tell_announcer() {
  announcer_control=$RUNDOCK_SERVICE/rundock-announcer/supervise/control
  if [ -p "$announcer_control" ]; then printf %s "$1" 1<>"$announcer_control" || true; fi
}
