# shellcheck shell=sh disable=SC2154,SC2034 # sourced by; what it sets is read by the others apply.sh
# A new container for the service. Beside an old one it starts as NAME.next; the old one goes on as NAME, or stands by
# stopped where both cannot run at once. The release, and with it the record, becomes the new one's when it is ready, and
# the name after it has held for a while: until then a failure or a kill leaves the old one in its place.

replace_container() {
  old_id=$container_id old_running=$container_running action=created next=$name
  if [ -n "$old_id" ]; then
    action=replaced next=$name.next
    "$here/retire.sh" "$name" 9>&-
    IFS= read -r order <"$service/order"
    [ "$order" = start-first ] || step_aside
  fi
  start_object='the new container' start_cause=''
  start_next || take_back
  swap_release
  unmark_withdrawn "$name"
  [ ! -e "$RUNDOCK_RUN/$name.backoff" ] || rm -f "$RUNDOCK_RUN/$name.backoff"
  [ -n "$old_id" ] || return 0
  { confirm_record && hold_for_a_while; } || take_back
  hand_over_name "$name" || fail rename "container $next" "Docker answers with status $docker_status"
  note_successor
}

# finish.sh finds by this that the service runs on. runsv calls it with the exit code of none but itself when it is told to
# kill while a finish.sh still waits for this change. The time of the start is left to the next run.sh.
note_successor() {
  echo "0 $container_pid" 2>/dev/null >"$RUNDOCK_RUN/$name.started" || true
}

# The mark keeps the announcer from putting the record back while the container still runs.
step_aside() {
  [ "$old_running" = true ] || return 0
  mark_withdrawn "$name" apply
  "$here/withdraw.sh" "$name" 9>&-
  drain "$name"
  stop_container "$name" "$name"
}

start_next() {
  if ! run_container "$next" "$name" "$new_release" >"$stage/start" 2>&1; then
    # docker ends with a hint at its help, which helps nobody here.
    start_cause=$(grep -v "^See 'docker" "$stage/start" | tail -n 1)
    return 1
  fi
  if ! wait_until_ready "$next" "$service/releases/$new_release"; then
    start_cause="it did not get ready: $ready_answer"
    return 1
  fi
}

# Clients follow the record: while it cannot be moved, the old container is the one that they find.
confirm_record() {
  await_record
  if [ -z "$warnings" ] || [ "$order" != start-first ] || [ "$old_running" != true ]; then return 0; fi
  warnings='' start_object='the announcement' start_cause='its record is not in etcd after 10 s: is etcd up, and does the announcer run?'
  return 1
}

# A container that dies soon after it was ready is found while the old one still stands by.
hold_for_a_while() {
  read_uptime
  held_until=$((uptime + held_seconds * 100))
  while [ "$uptime" -lt "$held_until" ]; do
    sleep 0.5
    read_uptime
    inspect_container "$next" || continue
    if [ "$container_running" != true ]; then
      start_cause="it ended$(exit_code_text) soon after it was ready"
      return 1
    fi
  done
}

# take_back: ends the script. The release before runs on, or again; where there was none, nothing does.
take_back() {
  failure_log=$stage/log failure_probe=${ready_answer:-}
  docker logs --tail 20 "$next" >"$failure_log" 2>&1 9>&- || true
  swap_back
  remove_container "$next"
  start_advice='Nothing is left of it on the host; correct it and run pulumi up again'
  if [ -n "$old_id" ]; then
    bring_back_old
  elif [ -z "$old_release" ]; then
    unlink_service "$name"
  fi
  put_back_foreign
  unmark_withdrawn "$name"
  kick_announcer
  fail start "$start_object" "$start_cause" "$start_advice"
}

# One that was made with --rm has gone with its stop. Where a tree is put back, its run makes another.
bring_back_old() {
  start_advice='The container before runs on; correct the new one and run pulumi up again'
  [ "$old_running" = true ] || return 0
  docker_request POST "/containers/$name/start"
  [ "$docker_status" != 404 ] || start_advice='The container before was made with --rm and is gone; correct the new one and run pulumi up again'
}
