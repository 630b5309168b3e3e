# shellcheck shell=sh disable=SC2154 # sourced by apply.sh
# Ends runit's processes of a tree that Rundock did not make, nested ones and orphans too, and leaves the containers
# running: an attached docker client passes TERM on to its container, and KILL it cannot pass on.

# end_supervisors TREE: they are those that work in one of its folders. Fails when they are not found or do not end.
end_supervisors() {
  supervisor_sessions=' '
  places=$newline$(find "$1" -type d -exec stat -c %d:%i {} +)$newline
  # A stopped runsv does nothing when runsvdir finds the link gone and sends it TERM.
  signal_supervisors STOP runsv || ! is_supervised "${1##*/}" || return 111
  set_link_aside "${1##*/}"
  kill_polls=0
  until ! signal_supervisors KILL '*'; do
    kill_polls=$((kill_polls + 1))
    [ "$kill_polls" -lt 100 ] || return 111
    sleep 0.05
  done
}

set_link_aside() {
  [ ! -L "$RUNDOCK_SERVICE/$1" ] || mv -T "$RUNDOCK_SERVICE/$1" "$RUNDOCK_SERVICE/.$1"
}

# signal_supervisors SIGNAL COMMAND: fails when there was none.
signal_supervisors() {
  signalled=
  # A process that has gone meanwhile is no error.
  stat -L -c '%d:%i %n' /proc/[0-9]*/cwd 2>/dev/null >"$stage/processes" || true
  while read -r place process; do
    case $places in *"$newline$place$newline"*) ;; *) continue ;; esac
    process=${process%/cwd}
    is_supervised_process "$process" "$2" || continue
    kill -"$1" "${process#/proc/}" 2>/dev/null || continue
    signalled=yes
  done <"$stage/processes"
  [ -n "$signalled" ]
}

# is_supervised_process /proc/PID COMMAND: not the shell of a person who looks around in there. What runsv starts is in its
# session; a process whose session has no leader any more is an orphan.
is_supervised_process() {
  read -r process_stat 2>/dev/null <"$1/stat" || return 1
  process_command=${process_stat#*\(}
  process_command=${process_command%)*}
  # shellcheck disable=SC2254 # a pattern
  case $process_command in $2) ;; *) return 1 ;; esac
  # shellcheck disable=SC2086
  set -- ${process_stat##*) }
  [ "$1" != Z ] || return 1
  case $process_command in runsv | runsvdir) supervisor_sessions="$supervisor_sessions$4 " ;; esac
  case $supervisor_sessions in *" $4 "*) return 0 ;; esac
  leader=
  [ ! -r "/proc/$4/comm" ] || read -r leader 2>/dev/null <"/proc/$4/comm" || leader=
  case $leader in '' | runsv | runsvdir) return 0 ;; esac
  return 1
}
