# shellcheck shell=sh disable=SC2154 # sourced after paths.sh and lock.sh
# The mark withdrawn/NAME keeps a service's record away while its container still runs; its text says who asked for it.
# The marks of apply.sh, control-t.sh and remove.sh stand under the service's lock, so one that was killed leaves none
# that counts. Any other is a person's, and only a person takes it away.

mark_withdrawn() {
  if is_marked "$1" && ! is_mark_of_script "$1"; then return 0; fi
  echo "$2" >"$RUNDOCK_RUN/withdrawn/$1"
}

# unmark_withdrawn NAME: the caller holds the lock, so a script's mark is its own or that of one that was killed.
unmark_withdrawn() {
  if is_marked "$1" && is_mark_of_script "$1"; then rm -f "$RUNDOCK_RUN/withdrawn/$1"; fi
}

is_withdrawn() {
  is_marked "$1" || return 1
  ! is_mark_of_script "$1" || is_service_locked "$1"
}

is_marked() {
  [ -e "$RUNDOCK_RUN/withdrawn/$1" ]
}

is_mark_of_script() {
  marked_by=
  IFS= read -r marked_by 2>/dev/null <"$RUNDOCK_RUN/withdrawn/$1" || true
  case $marked_by in
    apply | control | remove | '') return 0 ;;
    *) return 1 ;;
  esac
}
