# shellcheck shell=sh disable=SC2154 # shim-apply.sh puts it before each command
# Holds a service's apply.sh once, before the command whose number, or the first one whose name, is in NAME.at, until
# somebody writes to the gate.
held=/tmp/held/$SHIMMED
# What goes on in the background has not the connection; it is no step of what Pulumi waits for.
if [ -e /proc/$$/fd/6 ]; then
  printf . >>"$held.count"
  if [ -e "$held.at" ] && [ ! -e "$held.held" ]; then
    read -r at <"$held.at"
    read -r dots <"$held.count"
    case $at in
      "${#dots}" | "${0##*/}")
        : >"$held.held"
        read -r _ </tmp/held/gate
        ;;
    esac
  fi
  # A probe succeeds at once, lest the number of commands depends on how long a container takes to start.
  case ${0##*/}/${1-} in nc/-z) until /usr/bin/nc "$@" 2>/dev/null 6>&-; do /bin/sleep 0.1; done ;; esac
fi
