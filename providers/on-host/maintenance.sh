#!/bin/sh
# maintenance.sh on|off [NAME]: for a person at the host. Takes one service, or all of this host, out of DNS while the
# containers run on, and ends when nobody uses them any more; off lets them back in.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/supervision.sh"
usage='maintenance.sh on|off [NAME]'
if [ $# -lt 1 ] || [ $# -gt 2 ]; then wrong_call "$usage"; fi

mark=$RUNDOCK_ETC/maintenance
if [ $# -eq 2 ]; then
  mark=$RUNDOCK_SV/$2/maintenance
  if [ ! -d "$RUNDOCK_SV/$2/releases" ]; then
    echo "maintenance.sh: there is no service $2" >&2
    exit 100
  fi
fi
case $1 in
  on)
    [ -e "$mark" ] || echo 'by hand' >"$mark"
    "$here/leave-dns.sh"
    ;;
  off)
    rm -f "$mark"
    kick_announcer
    ;;
  *) wrong_call "$usage" ;;
esac
