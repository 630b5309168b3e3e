# shellcheck shell=sh disable=SC2154,SC2034 # sourced by; what it sets is read by the others apply.sh
# A new container in the place of the old one, stop-first. One that never gets ready is taken back.

replace_container() {
  action=created
  [ -z "$old_release" ] || action=replaced
  take_down_container
  swap_release
  if start_new_container; then
    rm -f "$RUNDOCK_RUN/withdrawn/$name" "$RUNDOCK_RUN/$name.backoff"
    return 0
  fi
  keep_evidence
  go_back
  fail start "$start_object" "$start_cause" "$start_advice"
}

# The mark keeps the announcer from putting the record back while the container still runs.
take_down_container() {
  [ -n "$container_id" ] || return 0
  echo apply >"$RUNDOCK_RUN/withdrawn/$name"
  if [ "$container_running" = true ]; then
    "$here/withdraw.sh" "$name" 9>&-
    drain "$name"
    stop_container "$name"
  fi
  docker_request DELETE "/containers/$name?force=true"
  container_id='' container_running='' container_release=''
}

start_new_container() {
  start_object="the new container" start_advice='Nothing is left of it on the host; correct it and run pulumi up again'
  if ! start_container "$name" >"$stage/start" 2>&1; then
    # docker ends with a hint at its help, which helps nobody here.
    start_cause=$(grep -v "^See 'docker" "$stage/start" | tail -n 1)
    return 1
  fi
  if ! wait_until_ready "$name" "$service/releases/$new_release"; then
    start_cause="it did not get ready: $ready_answer"
    return 1
  fi
}

keep_evidence() {
  failure_log=$stage/log failure_probe=${ready_answer:-}
  docker logs --tail 20 "$name" >"$failure_log" 2>&1 9>&- || true
}

# The release before runs again; on a host where there was none, nothing does.
go_back() {
  docker_request DELETE "/containers/$name?force=true"
  if [ -n "$old_release" ] && [ -e "$service/releases/$old_release" ] && [ "$old_release" != "$new_release" ]; then
    point_link "$service/releases/current" "$old_release"
    if start_container "$name" >"$stage/back" 2>&1; then start_advice='The release before runs again; correct the new one and run pulumi up again'; fi
  else
    unlink_service "$name"
  fi
  rm -f "$RUNDOCK_RUN/withdrawn/$name"
  kick_announcer
}
