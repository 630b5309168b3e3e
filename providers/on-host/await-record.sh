# shellcheck shell=sh disable=SC2154,SC2034 # sourced by; what it sets is read by the others apply.sh
# A change counts as done when the service is found: its record is in etcd with what this release says of it.

await_record() {
  [ -z "$warnings" ] || return 0
  if is_in_maintenance "$name"; then
    await_withdrawal
    return 0
  fi
  announce_file=$service/releases/$new_release/announce
  if [ ! -f "$announce_file" ]; then
    if [ -f "$service/releases/$old_release/announce" ]; then kick_announcer; fi
    return 0
  fi
  [ -s "$RUNDOCK_ETC/etcd" ] || return 0
  read_mark
  # A new container has no record yet.
  if [ "$action" != created ] && is_announced; then return 0; fi
  kick_announcer
  record_polls=0
  until sleep 0.1 && is_announced; do
    record_polls=$((record_polls + 1))
    if [ "$record_polls" -ge 100 ]; then
      warnings='"it runs, but its record is not in etcd after 10 s: is etcd up, and does the announcer run?"'
      return 0
    fi
  done
}

# In maintenance it counts as done when nobody uses the record any more.
await_withdrawal() {
  "$here/leave-dns.sh" 2>/dev/null 9>&- ||
    warnings='"it is in maintenance, but its record could not be taken out of etcd: is etcd up?"'
}

# The line `"mark": "…"` of the announce file: what tells this announcement from another.
read_mark() {
  mark=
  while IFS= read -r line; do
    case $line in
      *'"mark": "'*)
        mark=${line#*'"mark": "'}
        mark=${mark%%\"*}
        ;;
    esac
  done <"$announce_file"
}

# The announcer notes `NAME CONTAINER MARK KEY VALUE` for each record that it put. A shell that reads the lines itself asks
# the kernel for each byte of them.
is_announced() {
  case $newline$(cat "$RUNDOCK_RUN/announced" 2>/dev/null) in
    *"$newline$name $container_id $mark "*) return 0 ;;
  esac
  return 1
}
