#!/bin/sh
# leave-dns.sh: takes the records of all services that are in maintenance out of etcd, and waits until nobody knows them
# any more. 111 when etcd still has them.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/maintenance-mark.sh"

main() {
  leaving=
  for_each_leaving note_leaving
  [ -n "$leaving" ] || exit 0
  # Names hold no blanks.
  # shellcheck disable=SC2086
  "$here/withdraw.sh" $leaving
  for_each_leaving refuse_leaving
  sleep "$(longest_drain)"
}

# for_each_leaving FUNCTION: calls it with each service in maintenance that has a record.
for_each_leaving() {
  [ -r "$RUNDOCK_RUN/announced" ] || return 0
  while read -r service _; do
    if is_in_maintenance "$service"; then "$1" "$service"; fi
  done <"$RUNDOCK_RUN/announced"
}

note_leaving() {
  case " $leaving " in *" $1 "*) ;; *) leaving="$leaving $1" ;; esac
}

refuse_leaving() {
  echo "leave-dns.sh: the record of $1 is still in etcd" >&2
  exit 111
}

longest_drain() {
  for service in $leaving; do
    cat "$RUNDOCK_SV/$service/drain" 2>/dev/null || echo 0
  done | sort -n | tail -n 1
}

main
