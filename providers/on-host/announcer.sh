#!/bin/sh
# announcer.sh: one for each host, under runit. Keeps a record in etcd for each service that is to be announced and
# serves: its container runs, is not unhealthy, answers its probe, and is neither withdrawn nor in maintenance.
#   USR2  look now        HUP   look when Docker has seen the end of a container
#   USR1  go on with a new text or configuration; the records stay
#   TERM  take the records out and end
# What it put is noted in /run/rundock/announced: NAME CONTAINER MARK KEY VALUE, key and value in base64, two lines a
# service: its address, and what TXT says.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/own-containers.sh"
. "$here/etcd.sh"
. "$here/lock.sh"
. "$here/uptime.sh"
. "$here/lines.sh"
. "$here/mark.sh"
. "$here/maintenance-mark.sh"
. "$here/probe.sh"
. "$here/heal.sh"

# A lost host leaves DNS with its lease. When it led etcd, the others elect first, and the new leader gives every lease its
# whole time anew and an election timeout more: that is why the lease is short. A renewal may come 2 s late, which one
# attempt that hangs does not use up on a busy machine either.
LEASE_SECONDS=3
RENEW_HUNDREDTHS=100
LOOK_HUNDREDTHS=200
# When something failed, or runs and is not found to serve yet.
SHORT_HUNDREDTHS=100
# What comes a little early counts, since the next time would be late.
EARLY_HUNDREDTHS=20
CHANGES_HUNDREDTHS=10
# How long Docker may say of a container that has ended that it runs. After a kick for one that comes meanwhile there is
# another look.
END_HUNDREDTHS=20
# How often it looks at what others did to its records, and at all keys of its lease, which an etcd that was restored
# from a snapshot may have brought back: in renewals of the lease.
HEAL_RENEWALS=9
LEASE_CHECK_RENEWALS=60
# etcd takes 128 operations in a transaction.
OPERATIONS_AT_ONCE=100
# A Docker that hangs would hold up the lease, and with it the records of all that serves.
docker_silence=1

main() {
  trap 'kicked=end' HUP
  trap 'kicked=${kicked:-change}' USR2
  trap 'exec "$0"' USR1
  trap 'leave' TERM
  announced=$RUNDOCK_RUN/announced
  kicked='' early='' renew='' desired='' known='' renewals=0 candidates='' serving='' pending='' turn=0 turned_at=0 kept_at=0 ticked_at=0 revision=0
  failed='' looked_at=-1000 listed='' seen='' check_lease=yes heal_failed='' healed='' ranges='' ranges_of=''
  lease=$(cat "$RUNDOCK_RUN/lease" 2>/dev/null) || lease=
  while :; do
    read_uptime
    ticked_at=$uptime
    if tick; then failed=; else failed=yes; fi
    rest
  done
}

tick() {
  if [ ! -s "$RUNDOCK_ETC/etcd" ]; then
    looked_at=$ticked_at kept_at=$ticked_at
    return 0
  fi
  keep_lease || return 111
  if is_time_to_look; then
    # While Docker does not answer, all stays as it is: finish.sh withdraws what ends meanwhile.
    look || { [ -n "$renew" ] && [ -n "$desired" ]; } || return 111
    put_changes || return 111
    early='' renew=
  fi
  is_time_to_heal || return 0
  heal
}

is_time_to_look() {
  if [ -n "$pending" ]; then period=$SHORT_HUNDREDTHS; else period=$LOOK_HUNDREDTHS; fi
  [ -n "$early$renew$failed" ] || [ $((uptime - looked_at)) -ge $((period - EARLY_HUNDREDTHS)) ]
}

# An expired lease answers a keepalive with success and no TTL. An etcd that was restored from a snapshot has an older
# revision than before, and may have this lease and records of that time.
keep_lease() {
  is_lease_due || return 0
  renewals=$((renewals + 1)) healed=
  if [ $((renewals % LEASE_CHECK_RENEWALS)) -eq 0 ]; then check_lease=yes; fi
  if [ -n "$lease" ]; then
    etcd_request lease/keepalive "{\"ID\":\"$lease\"}" || return 111
    case $etcd_answer in
      *'"TTL":"'*)
        kept_at=$uptime
        compare_revision
        return 0
        ;;
    esac
  fi
  etcd_request lease/grant "{\"TTL\":\"$LEASE_SECONDS\"}" || return 111
  kept_at=$uptime
  lease=${etcd_answer#*'"ID":"'}
  lease=${lease%%\"*}
  echo "$lease" >"$RUNDOCK_RUN/lease"
  [ -z "$known" ] || echo 'announcer: its lease had run out: it puts all records again' >&2
  renew=yes
}

is_lease_due() {
  read_uptime
  [ -z "$lease" ] || [ $((uptime - kept_at)) -ge $((RENEW_HUNDREDTHS - EARLY_HUNDREDTHS)) ]
}

# A member that lags behind another looks the same, and then all is put once in vain.
compare_revision() {
  old_revision=$revision
  revision=${etcd_answer#*'"revision":"'}
  revision=${revision%%\"*}
  if [ "$revision" -lt "$old_revision" ]; then renew=yes check_lease=yes; fi
}

# look: sets desired, the lines of what is to be announced.
look() {
  looked_at=$uptime
  list_own_containers || return 111
  if [ "$docker_body" != "$listed" ] || [ -n "$early$renew" ]; then
    read_list || return 111
    listed=$docker_body
  fi
  find_serving
  desired=$serving
}

# How long each container runs is no change. After a kick there mostly is one, and nobody compares.
read_list() {
  seen_before=$seen seen=
  if [ -z "$early$renew" ]; then
    seen=$(printf %s "$docker_body" | sed 's/"Status":"Up [^"(]*//g')
    if [ "$seen" = "$seen_before" ]; then return 0; fi
  fi
  find_candidates || { seen='' && return 111; }
}

# find_candidates: what runs and is to be announced. A change of a service wakes the announcer, and a change of a container
# is seen in Docker's list.
find_candidates() {
  candidates='' current=
  set --
  for file in "$RUNDOCK_SV"/*/releases/current/announce; do
    [ -f "$file" ] || continue
    IFS= read -r identity <"${file%announce}identity" || continue
    IFS= read -r image <"${file%announce}image" || image=
    service=${file#"$RUNDOCK_SV/"}
    current="$current ${service%%/*}=$identity=$image"
    set -- "$@" "$file"
  done
  [ $# -gt 0 ] || return 0
  candidates=$(printf %s "$docker_body" | jq -rs --arg current "$current" -f "$here/announce.jq" /dev/stdin "$@")
}

# put_changes: all that differs from what was put before, in as few transactions as etcd allows.
put_changes() {
  recall_known
  if [ "$desired" = "$known" ] && [ -z "$renew" ]; then return 0; fi
  operations='' operation_count=0
  in_lines add_put "$desired" && in_lines add_delete "$known" && send_operations || return 111
  printf '%s' "${desired:+$desired$newline}" >"$announced.new"
  mv "$announced.new" "$announced"
  known=$desired
}

# withdraw.sh changes the file too, and kicks.
recall_known() {
  if [ -n "$early$renew" ] || [ -z "$known" ]; then known=$(cat "$announced" 2>/dev/null) || known=; fi
}

add_put() {
  case $newline$known$newline in
    *"$newline$1 $2 $3 $4 $5$newline"*) [ -n "$renew" ] || return 0 ;;
  esac
  add_operation "{\"requestPut\":{\"key\":\"$4\",\"value\":\"$5\",\"lease\":\"$lease\"}}"
}

add_delete() {
  case $desired in *" $4 "*) return 0 ;; esac
  add_operation "{\"requestDeleteRange\":{\"key\":\"$4\"}}"
}

add_operation() {
  operations="$operations,$1"
  operation_count=$((operation_count + 1))
  if [ "$operation_count" -ge "$OPERATIONS_AT_ONCE" ]; then send_operations; fi
}

send_operations() {
  [ -n "$operations" ] || return 0
  etcd_request kv/txn "{\"success\":[${operations#,}]}" || return 111
  operations='' operation_count=0
}

# Once for each of these renewals, however many ticks there are until the next.
is_time_to_heal() {
  [ -z "$healed" ] || return 111
  [ -n "$check_lease" ] || [ $((renewals % HEAL_RENEWALS)) -eq 0 ]
}

# An etcd that does not let this host read the names costs it only the healing.
heal() {
  healed=yes
  if heal_records; then
    heal_failed='' check_lease=
  elif [ -z "$heal_failed" ]; then
    heal_failed=yes
    echo 'announcer: etcd does not let it read the records under its names' >&2
  fi
  [ -n "${broken:-}" ] || return 0
  renew=yes
  put_changes && renew=
}

rest() {
  if [ -z "$kicked" ]; then
    set_pause
    sleep "$pause" &
    sleeper=$!
    wait "$sleeper" || true
    kill "$sleeper" 2>/dev/null || true
  fi
  [ -n "$kicked" ] || return 0
  await_other_kicks
  early=yes
}

# A moment for several kicks to become one, which the first one does not wait for.
await_other_kicks() {
  kick=$kicked kicked=''
  if [ "$kick" = change ]; then
    read_uptime
    if [ -z "$failed" ] && [ $((uptime - looked_at)) -ge "$CHANGES_HUNDREDTHS" ]; then return 0; fi
    sleep "0.$CHANGES_HUNDREDTHS"
  else
    sleep "0.$END_HUNDREDTHS"
  fi
  [ "$kicked" = end ] || kicked=''
}

# set_pause: until the lease is due or it is time to look, however long this tick took.
set_pause() {
  read_uptime
  renew_in=$((kept_at + RENEW_HUNDREDTHS - uptime))
  look_in=$((looked_at + LOOK_HUNDREDTHS - uptime))
  if [ -n "$failed$pending" ]; then look_in=$SHORT_HUNDREDTHS; fi
  # What it has tried in vain just now.
  if [ -n "$failed" ] && [ "$renew_in" -lt 0 ]; then renew_in=$((ticked_at + SHORT_HUNDREDTHS - uptime)); fi
  left=$look_in
  if [ "$renew_in" -lt "$left" ]; then left=$renew_in; fi
  if [ "$left" -lt 10 ]; then left=10; fi
  pause=$((left / 100)).$((left / 10 % 10))$((left % 10))
}

leave() {
  [ -z "$lease" ] || etcd_request lease/revoke "{\"ID\":\"$lease\"}" || true
  rm -f "$RUNDOCK_RUN/lease" "$announced"
  exit 0
}

main
