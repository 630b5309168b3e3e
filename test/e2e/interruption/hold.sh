# shellcheck shell=sh disable=SC2154 # shim-apply.sh puts it before each command
# Holds a service's apply.sh before the command whose number is in NAME.at, until somebody writes to the gate.
held=/tmp/held/$SHIMMED
printf . >>"$held.count"
if [ -e "$held.at" ]; then
  read -r at <"$held.at"
  read -r dots <"$held.count"
  if [ "${#dots}" -eq "$at" ]; then
    : >"$held.held"
    read -r _ </tmp/held/gate
  fi
fi
