# shellcheck shell=sh # sourced

# is_alive PID: whether such a process runs. One that ended, of which its parent has not heard yet, does not, nor does one
# without a number.
is_alive() {
  process_stat=
  read -r process_stat 2>/dev/null <"/proc/${1:-0}/stat" || return 1
  case $process_stat in *') Z '* | *') X '*) return 1 ;; esac
}
