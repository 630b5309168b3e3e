#!/bin/sh
# withdraw.sh NAME...: for a person, and for scripts that do not source what it does. A mark, withdrawn/NAME or that of
# maintenance, keeps the announcer from putting the records back.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/etcd.sh"
. "$here/supervision.sh"
. "$here/lines.sh"
. "$here/withdraw-records.sh"
[ $# -gt 0 ] || exit 100

withdraw_records "$@"
