# shellcheck shell=sh disable=SC2154 # sourced after paths.sh and docker-socket.sh; the caller holds the lock

# start_container NAME: the container of the current release runs afterwards. One that runs already is adopted.
# Nothing is pulled: a dead registry never stops a restart or a boot.
start_container() {
  release_name=$(readlink "$RUNDOCK_SV/$1/releases/current") || return 111
  release_dir=$RUNDOCK_SV/$1/releases/$release_name
  IFS= read -r wanted_identity <"$release_dir/identity" || return 111
  inspect_container "$1" || return 111
  if [ "$container_running" = true ] && [ "$container_identity" = "$wanted_identity" ]; then return 0; fi
  remove_container "$1"
  run_container "$1"
}

remove_container() {
  [ -n "$container_id" ] || return 0
  docker_request DELETE "/containers/$1?force=true"
}

run_container() {
  set -- run --detach --pull=never "--name=$1" "--label=rundock.service=$1" \
    "--label=rundock.identity=$wanted_identity" "--label=rundock.release=$release_name"
  [ ! -f "$release_dir/private/env" ] || set -- "$@" "--env-file=$release_dir/private/env"
  for files in "$release_dir/files" "$release_dir/private/files"; do
    [ -d "$files" ] || continue
    mounted=$(find "$files" -type f | sort)
    while IFS= read -r file; do
      set -- "$@" "--volume=$file:${file#"$files"}:ro"
    done <<EOF
$mounted
EOF
  done
  while IFS= read -r word; do set -- "$@" "$word"; done <"$release_dir/container"
  docker "$@" 9>&-
}
