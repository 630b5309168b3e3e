# shellcheck shell=sh disable=SC2154,SC2034 # sourced by announcer.sh
# What others did to the records under the names that this host announces: ours that were deleted or overwritten are put
# again, and a value that is no record, for which CoreDNS fails the whole name, is taken out. Valid records of others stay.

# heal_records: sets broken when records of ours have to be put again.
heal_records() {
  broken=
  [ -e "$announced" ] || : >"$announced"
  find_name_ranges && read_records || return 111
  printf '%s\n' "$etcd_answers" | jq -n -r --arg lease "$lease" --rawfile announced "$announced" -f "$here/heal.jq" >"$announced.heal" || return 111
  while read -r key request; do
    case $key in renew) broken=yes ;; *) take_out "$key" "$request" ;; esac
  done <"$announced.heal"
}

find_name_ranges() {
  if [ "$desired" = "$ranges_of" ]; then return 0; fi
  ranges=$(jq -n -R -r -f "$here/name-ranges.jq" <"$announced") || return 111
  ranges_of=$desired
}

read_records() {
  etcd_answers=
  # Requests hold no blanks, but brackets.
  set -f
  # shellcheck disable=SC2086
  set -- $ranges
  set +f
  for range; do
    etcd_request kv/txn "$range" || return 111
    etcd_answers=$etcd_answers$newline$etcd_answer
  done
  if [ -z "$check_lease" ]; then return 0; fi
  etcd_request lease/timetolive "{\"ID\":\"$lease\",\"keys\":true}" || return 111
  etcd_answers=$etcd_answers$newline$etcd_answer
}

take_out() {
  echo "announcer: takes out of etcd what is no record of a service: $1" >&2
  etcd_request kv/txn "$2" || echo "announcer: etcd did not let it" >&2
}
