# shellcheck shell=sh disable=SC2154 # sourced after paths.sh

# in_lines FUNCTION TEXT: calls it with the words of each line, until one call fails. A shell reads its input byte by byte,
# so lists are split as words and not read.
in_lines() {
  for_line=$1 old_ifs=$IFS
  set -f
  IFS=$newline
  # shellcheck disable=SC2086
  set -- $2
  IFS=$old_ifs
  # shellcheck disable=SC2086
  for line; do "$for_line" $line || { set +f && return 111; }; done
  set +f
}
