#!/bin/sh
# announcer.sh: one for each host, under runit. Keeps a record in etcd for each service that is to be announced and
# serves: its container runs, is not unhealthy, answers its probe, and withdrawn/NAME does not stand.
#   HUP   look now        USR1  go on with a new text or configuration; the records stay
#   TERM  take the records out and end
# What it put is noted in /run/rundock/announced: NAME CONTAINER MARK KEY VALUE, key and value in base64.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/own-containers.sh"
. "$here/etcd.sh"
. "$here/lock.sh"
. "$here/mark.sh"
. "$here/probe.sh"

# A lost host leaves DNS with its lease, and when it took etcd's leader with it, an election later.
LEASE_SECONDS=3
TICK_SECONDS=1
# Now and then everything is put again, which mends what another deleted or overwrote.
RENEW_TICKS=15

main() {
  trap 'kicked=yes' HUP
  trap 'exec "$0"' USR1
  trap 'leave' TERM
  announced=$RUNDOCK_RUN/announced
  kicked='' early='' ticks=0 looked_at='' candidates='' serving='' pending='' turn=0 kept_at=0
  lease=$(cat "$RUNDOCK_RUN/lease" 2>/dev/null) || lease=
  while :; do
    tick || true
    rest
  done
}

tick() {
  [ -s "$RUNDOCK_ETC/etcd" ] || return 0
  keep_lease || return 0
  is_time_to_look || return 0
  look || return 0
  put_changes
}

# Every other tick, unless something happened or runs and is not found to serve yet.
is_time_to_look() {
  [ -n "$early$pending$renew" ] || [ $((ticks % 2)) -eq 0 ]
}

# An expired lease answers a keepalive with success and no TTL.
keep_lease() {
  renew=
  if [ -n "$early" ] && [ -n "$lease" ] && [ $(($(date +%s) - kept_at)) -lt "$TICK_SECONDS" ]; then return 0; fi
  kept_at=$(date +%s)
  ticks=$((ticks + 1))
  if [ $((ticks % RENEW_TICKS)) -eq 0 ]; then renew=yes; fi
  if [ -n "$lease" ]; then
    etcd_request lease/keepalive "{\"ID\":\"$lease\"}" || return 111
    case $etcd_answer in *'"TTL":"'*) return 0 ;; esac
  fi
  etcd_request lease/grant "{\"TTL\":\"$LEASE_SECONDS\"}" || return 111
  lease=${etcd_answer#*'"ID":"'}
  lease=${lease%%\"*}
  echo "$lease" >"$RUNDOCK_RUN/lease"
  renew=yes
}

# look: sets desired, the lines of what is to be announced. While Docker does not answer, all stays as it is: finish.sh
# withdraws what ends meanwhile.
look() {
  list_own_containers || return 111
  if [ "$docker_body" != "$looked_at" ] || [ -n "$early$renew" ]; then
    find_candidates || return 111
    looked_at=$docker_body
  fi
  find_serving <<EOF
$candidates
EOF
  desired=$serving
}

# find_candidates: what runs and is to be announced. A change of a service wakes the announcer, and a change of a container
# is seen in Docker's list.
find_candidates() {
  candidates='' identities=
  set --
  for file in "$RUNDOCK_SV"/*/releases/current/announce; do
    [ -f "$file" ] || continue
    IFS= read -r identity <"${file%announce}identity" || continue
    service=${file#"$RUNDOCK_SV/"}
    identities="$identities ${service%%/*}=$identity"
    set -- "$@" "$file"
  done
  [ $# -gt 0 ] || return 0
  candidates=$(printf %s "$docker_body" | jq -rs --arg identities "$identities" -f "$here/announce.jq" /dev/stdin "$@")
}

# put_changes: one transaction for all that differs from what was put before.
put_changes() {
  known=$(cat "$announced" 2>/dev/null) || known=
  if [ "$desired" = "$known" ] && [ -z "$renew" ]; then return 0; fi
  operations=
  add_puts
  add_deletes
  if [ -n "$operations" ]; then etcd_request kv/txn "{\"success\":[${operations#,}]}" || return 111; fi
  printf '%s' "${desired:+$desired$newline}" >"$announced"
}

add_puts() {
  while read -r service container mark key value; do
    [ -n "$service" ] || continue
    case $newline$known$newline in
      *"$newline$service $container $mark $key $value$newline"*) [ -n "$renew" ] || continue ;;
    esac
    operations="$operations,{\"requestPut\":{\"key\":\"$key\",\"value\":\"$value\",\"lease\":\"$lease\"}}"
  done <<EOF
$desired
EOF
}

add_deletes() {
  while read -r _ _ _ key _; do
    [ -n "$key" ] || continue
    case $desired in *" $key "*) continue ;; esac
    operations="$operations,{\"requestDeleteRange\":{\"key\":\"$key\"}}"
  done <<EOF
$known
EOF
}

# A moment for several kicks to become one.
rest() {
  if [ -z "$kicked" ]; then
    sleep "$TICK_SECONDS" &
    sleeper=$!
    wait "$sleeper" || true
    kill "$sleeper" 2>/dev/null || true
  fi
  early=$kicked
  [ -z "$kicked" ] || sleep 0.2
  kicked=
}

leave() {
  [ -z "$lease" ] || etcd_request lease/revoke "{\"ID\":\"$lease\"}" || true
  rm -f "$RUNDOCK_RUN/lease" "$announced"
  exit 0
}

main
