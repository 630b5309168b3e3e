# shellcheck shell=sh disable=SC2034 # sourced; what it sets is read by the others
# The clock of a host may jump; this one does not, and costs no process.

# read_uptime: sets uptime, in hundredths of a second.
read_uptime() {
  IFS=' .' read -r uptime hundredths _ </proc/uptime
  uptime=$((uptime * 100 + ${hundredths#0}))
}
