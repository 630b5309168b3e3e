#!/bin/sh
# withdraw.sh NAME: takes the service's record out of etcd at once. The announcer puts it back when the container
# serves again, unless withdrawn/NAME stands. No etcd is no error: the lease takes the record away.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/etcd.sh"
. "$here/supervision.sh"
[ $# -eq 1 ] || exit 100

announced=$RUNDOCK_RUN/announced
[ -r "$announced" ] || exit 0
while read -r service _ _ key _; do
  [ "$service" = "$1" ] || continue
  etcd_request kv/deleterange "{\"key\":\"$key\"}" || true
done <"$announced"
grep -v "^$1 " "$announced" >"$announced.$$" || true
mv "$announced.$$" "$announced"
# It may be just about to put the record back, from what it saw before.
kick_announcer
