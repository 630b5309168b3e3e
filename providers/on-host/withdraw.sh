#!/bin/sh
# withdraw.sh NAME...: takes the services' records out of etcd at once. The announcer puts them back when the containers
# serve again, unless withdrawn/NAME or a mark of maintenance stands. No etcd is no error: the announcer, which finds them
# noted still, takes them out when it is back.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/etcd.sh"
. "$here/supervision.sh"
[ $# -gt 0 ] || exit 100

main() {
  announced=$RUNDOCK_RUN/announced
  read_records "$@"
  if [ -n "$operations" ] && etcd_request kv/txn "{\"success\":[${operations#,}]}"; then forget_records; fi
  # It may be just about to put a record back, from what it saw before.
  kick_announcer
}

read_records() {
  operations='' others=
  [ -r "$announced" ] || return 0
  while read -r service container mark key value; do
    case " $* " in
      *" $service "*) operations="$operations,{\"requestDeleteRange\":{\"key\":\"$key\"}}" ;;
      *) others="$others$service $container $mark $key $value$newline" ;;
    esac
  done <"$announced"
}

forget_records() {
  printf %s "$others" >"$announced.$$"
  mv "$announced.$$" "$announced"
}

main "$@"
