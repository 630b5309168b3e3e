# shellcheck shell=sh disable=SC2154 # shim-apply.sh puts it before each command
# Holds a service's apply.sh once, before the command whose number, or the first one whose name, is in NAME.at, until
# somebody writes to the gate.
held=/tmp/held/$SHIMMED
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
