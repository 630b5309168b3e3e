# shellcheck shell=sh disable=SC2154 # sourced after paths.sh, docker-socket.sh and release.sh; the caller holds the lock

# start_container NAME: the container of the current release runs afterwards. One that runs already is adopted, one that
# ended is started again. Nothing is pulled: a dead registry never stops a restart or a boot.
start_container() {
  IFS= read -r wanted_identity <"$RUNDOCK_SV/$1/releases/current/identity" || return 111
  inspect_container "$1" || return 111
  if [ "$container_identity" = "$wanted_identity" ]; then
    [ "$container_running" != true ] || return 0
    docker_request POST "/containers/$1/start"
    [ "$docker_status" != 204 ] || return 0
  fi
  remove_inspected "$1"
  forget_adopted "$1"
  run_container "$1" "$1" "$(current_release "$RUNDOCK_SV/$1")"
}

# forget_adopted NAME: from now on the service's container is one with labels.
forget_adopted() {
  [ ! -e "$RUNDOCK_SV/$1/adopted" ] || rm -f "$RUNDOCK_SV/$1/adopted"
}

# run_container CONTAINER NAME RELEASE [create]: a new container of the service's release, which is started unless it is
# only to be created.
run_container() {
  if [ "${4-}" = create ]; then docker_verb=create; else docker_verb='run --detach'; fi
  release_dir=$RUNDOCK_SV/$2/releases/$3
  IFS= read -r wanted_identity <"$release_dir/identity" || return 111
  # shellcheck disable=SC2086
  set -- "$3" $docker_verb --pull=never "--name=$1" "--label=rundock.service=$2" \
    "--label=rundock.identity=$wanted_identity" "--label=rundock.release=$3"
  live=
  if [ -d "$release_dir/config" ]; then
    live=$1.live
    point_link "$release_dir.live" "$1"
  fi
  shift
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
  while IFS= read -r word; do
    [ -z "$live" ] || in_release "$word" "$live"
    set -- "$@" "$word"
  done <"$release_dir/container"
  # On one thread a docker client takes a fifth less CPU.
  GOMAXPROCS=1 docker "$@" 9>&-
}

# in_release WORD DIRECTORY: sets word, in which `{release}` stands for the directory of live configuration.
in_release() {
  word=$1
  case $word in
    *'{release}'*) word=${word%%'{release}'*}$2${word#*'{release}'} ;;
  esac
}
