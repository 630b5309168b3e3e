# shellcheck shell=sh disable=SC2154 # sourced after paths.sh
# Marks that keep records out of DNS while the containers run on; files, so that they outlive a boot.

# is_in_maintenance NAME: by its own mark, or by its host's.
is_in_maintenance() {
  [ -e "$RUNDOCK_SV/$1/maintenance" ] || [ -e "$RUNDOCK_ETC/maintenance" ]
}
