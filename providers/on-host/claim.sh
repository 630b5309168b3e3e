# shellcheck shell=sh disable=SC2034 # sourced; what it sets is read by the others
# The file `claim` of a service's directory tells which of Pulumi's resources the service is of.

# read_claim FILE: sets claim; empty where there is none, and of a file that a kill or a power cut has left empty.
read_claim() {
  claim=
  [ ! -r "$1" ] || IFS= read -r claim <"$1" || true
}
