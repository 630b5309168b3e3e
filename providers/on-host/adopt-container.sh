# shellcheck shell=sh disable=SC2154,SC2034 # sourced by apply.sh; what it sets is read by the others
# A container that Rundock did not make runs on as the service's own when it is what Rundock would make. Docker gives no
# label to a container that exists, so the file `adopted` of the service stands in for its labels: ID IDENTITY RELEASE.

# adopt_container: sets container_identity and container_release when it is the same. Else what differs is told, and a new
# container takes its place.
adopt_container() {
  [ "$container_running" = true ] || return 0
  find_differences || return 0
  if [ -n "$differences" ]; then
    note_of_adoption "a new container takes the place of the one that was there, which differs in $differences"
    return 0
  fi
  docker update --restart=no "$name" >/dev/null 2>&1 9>&- || true
  echo "$container_id $new_identity $new_release" >"$service/adopted.new"
  mv "$service/adopted.new" "$service/adopted"
  container_identity=$new_identity container_release=$new_release container_adopted=yes action=adopted
  note_of_adoption 'the container that was there runs on'
}

# find_differences: what the container is compared with is made, but never started. Fails when it cannot be made; the
# start of the new container then tells why.
find_differences() {
  docker_request GET "/containers/$name/json" || return 111
  adopted_inspection=$docker_body
  remove_container "$name.next"
  run_container "$name.next" "$name" "$new_release" create >/dev/null 2>&1 || return 111
  docker_request GET "/containers/$name.next/json"
  differences=$(printf '%s\n%s\n' "$adopted_inspection" "$docker_body" | jq -rs -f "$here/container-differences.jq")
  remove_container "$name.next"
}

note_of_adoption() {
  notes="${notes:+$notes,}\"$1\""
}

warn_of_adoption() {
  adoption_warnings="${adoption_warnings:+$adoption_warnings,}\"$1\""
}
