#!/bin/sh
# apply.sh NAME RELEASE enabled|disabled SECONDS [adopt] <archive
# Brings one service to a release: service/ (its directory, with this release alone), secrets/, and the claim of the
# resource whose it is then. A container that takes the place of another must go on running for so many seconds
# after it is ready. With adopt a new service takes over what Rundock did not make.
# Killed at any point, the old or the new release runs, and the same call again completes it.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/docker-socket.sh"
. "$here/lock.sh"
. "$here/uptime.sh"
. "$here/mark.sh"
. "$here/release.sh"
. "$here/start-container.sh"
. "$here/stop-container.sh"
. "$here/service-files.sh"
. "$here/claim.sh"
. "$here/settle.sh"
. "$here/supervision.sh"
. "$here/maintenance-mark.sh"
. "$here/ready.sh"
. "$here/live-config.sh"
. "$here/replace-container.sh"
. "$here/await-record.sh"
. "$here/prune-images.sh"
. "$here/foreign.sh"
. "$here/end-supervisors.sh"
. "$here/origin-record.sh"
. "$here/adopt-container.sh"

main() {
  case $#/${5-} in 4/ | 5/adopt) ;; *) wrong_call 'apply.sh NAME RELEASE enabled|disabled SECONDS [adopt] <archive' ;; esac
  name=$1 release=$2 wanted=$3 held_seconds=$4 adopt=${5-}
  service=$RUNDOCK_SV/$name
  stage=$RUNDOCK_SV/.stage.$name
  incoming=$stage/service/releases/$release
  action=unchanged is_new='' previous_release='' warnings='' adoption_warnings='' notes='' image_digests=
  lock_service "$name" 900 || fail lock "the service" "another change of it is at work"
  leave_if_unheard
  trap 'rm -rf "$stage"' EXIT
  # Nobody hears the answer when the connection is gone: the shell would end at once.
  trap 'exit 111' PIPE

  unpack
  [ "$wanted" = disabled ] || keep_runsv
  { settle_service && inspect_container "$name"; } || fail ask 'the Docker engine' "$RUNDOCK_DOCKER does not answer" 'Start dockerd on the host'
  held_release=$container_release
  find_foreign
  [ -n "$adopt" ] || refuse_foreign
  [ "$wanted" = disabled ] || ensure_image
  make_way
  install_release
  if [ -d "$stage/service" ]; then
    install_service_files
    install_maintenance_mark
  fi
  if [ "$wanted" = disabled ]; then switch_off; else switch_on; fi
  install_claim
  # Behind the first container of a new service there is nothing.
  if [ -z "$is_new" ] || [ "$action" != created ]; then clear_away; fi
  clear_foreign
  answer
}

# Where there is no directory there was no update whose containers could have been left.
settle_service() {
  has_last=
  if [ -d "$service/releases" ]; then settle "$name"; fi
}

# Leftovers of a killed call go first; nobody else may be here, since the lock is held.
unpack() {
  [ ! -e "$stage" ] || rm -rf "$stage"
  mkdir -m 700 "$stage"
  unpacking=$(tar -xf - -C "$stage" 2>&1) ||
    fail unpack 'the archive' "${unpacking%%"$newline"*}" "See that the host has room at $RUNDOCK_SV"
  # tar takes what was cut off between two files for a whole archive.
  [ -e "$stage/whole" ] || fail unpack 'the archive' 'it was cut off'
  if [ -d "$stage/secrets" ]; then
    # Only root enters; the files keep the modes that the container needs.
    chmod 700 "$stage/secrets"
    mv "$stage/secrets" "$incoming/private"
  fi
}

# A hand has just removed the link: runsvdir, which looks every 5 s, would tell runsv to go and to stop what is started here.
keep_runsv() {
  if [ -L "$RUNDOCK_SERVICE/$name" ] || ! is_supervised "$name"; then return 0; fi
  link_service "$name"
  action=enabled
}

# Before anything is stopped: an image that is not to be had leaves all as it is.
ensure_image() {
  IFS= read -r image <"$incoming/image"
  if look_up_image; then return 0; fi
  case $image in
    archive.invalid/*) fail find "image $image" 'it came from an archive and is gone' 'pulumi up --refresh sends it again' ;;
  esac
  note_pulled "$image"
  failure_log=$stage/pull docker_config=
  [ ! -e "$RUNDOCK_ETC/docker/config.json" ] || docker_config=$RUNDOCK_ETC/docker
  timeout 300 docker ${docker_config:+--config "$docker_config"} pull --quiet "$image" >"$failure_log" 2>&1 9>&- ||
    fail pull "image $image" "$(tail -n 1 "$failure_log")" 'Check its name and tag, that the host reaches the registry and has room for it, and the registries of the Host where it asks for a login'
  look_up_image || true
}

# look_up_image: whether it is here, and then by which digests: sets image_digests, JSON texts.
look_up_image() {
  docker_request GET "/images/$image/json" && [ "$docker_status" = 200 ] || return 1
  image_digests=${docker_body#*'"RepoDigests":['}
  case $docker_body in *'"RepoDigests":['*) image_digests=${image_digests%%]*} ;; *) image_digests='' ;; esac
}

# A new service's directory comes into being by one rename. Later, the release's directory does, named by its hash; one
# of which a hand changed the files is left for the old container to use, and a fresh one is made beside it.
install_release() {
  if [ ! -d "$service" ]; then
    mv "$stage/service" "$service"
    old_release='' new_release=$release is_new=yes
    return 0
  fi
  old_release=$(current_release "$service")
  case $old_release in
    "$release" | "$release".*)
      if same_files "$service/releases/$old_release" "$incoming"; then
        same_tree "$service/releases/$old_release" "$incoming" ||
          mend_rights "$service/releases/$old_release" "$incoming"
        new_release=$old_release
        return 0
      fi
      ;;
  esac
  new_release=$release
  if [ -e "$service/releases/$release" ] && ! same_tree "$service/releases/$release" "$incoming"; then
    new_release=$release.$$
  fi
  [ -e "$service/releases/$new_release" ] || mv "$incoming" "$service/releases/$new_release"
}

# A new service's directory is moved in as a whole; of an old one, which runsv holds, each file that differs.
install_service_files() {
  remove_extras
  if [ "$(service_files "$stage/service")" = "$(service_files "$service")" ]; then return 0; fi
  mkdir -p "$service/control"
  for file in $SERVICE_FILES; do mv -f "$stage/service/$file" "$service/$file"; done
}

# By being there it says all, and a hand may have made or removed it.
install_maintenance_mark() {
  if [ -e "$stage/service/maintenance" ]; then
    mv -f "$stage/service/maintenance" "$service/maintenance"
  elif [ -e "$service/maintenance" ]; then
    rm -f "$service/maintenance"
  fi
}

# A file such as `down` or `log/run` would mean something to runsv.
remove_extras() {
  list_extras "$service"
  while IFS= read -r extra; do
    [ -z "$extra" ] || rm -rf "${service:?}/$extra"
  done <<EOF
$extras
EOF
}

# service_files DIR: contents, modes and owners as one text. The names hold no blanks, so they may be split into words.
service_files() {
  # shellcheck disable=SC2086
  (cd "$1" 2>/dev/null && cat $SERVICE_FILES && stat -c '%a %u:%g' $SERVICE_FILES) 2>/dev/null
}

switch_on() {
  IFS= read -r new_identity <"$service/releases/$new_release/identity"
  [ -z "$foreign_container" ] || adopt_container
  if [ "$container_running" = true ] && [ "$container_identity" = "$new_identity" ] && [ -n "$old_release$container_adopted" ] && sees_wanted_files; then
    keep_container
  else
    drop_leftover
    make_room
    replace_container
  fi
  let_go_of_origin
  if [ ! -L "$RUNDOCK_SERVICE/$name" ]; then
    [ "$action" != unchanged ] || action=enabled
    link_service "$name"
  fi
  end_sv_down "$name"
  await_record
}

# A container sees the files of the release that it was made of, where a hand may have changed them.
sees_wanted_files() {
  if [ -z "$held_release" ] || [ "$held_release" = "$new_release" ] || [ ! -d "$service/releases/$held_release" ]; then return 0; fi
  for seen in files private/files; do
    if [ -e "$service/releases/$held_release/$seen" ] || [ -e "$service/releases/$new_release/$seen" ]; then
      same_tree "$service/releases/$held_release/$seen" "$service/releases/$new_release/$seen" || return 1
    fi
  done
}

# Of a first apply.sh that was killed: it was never found ready.
drop_leftover() {
  [ -n "$container_id" ] && [ -z "$old_release$foreign_container$container_adopted" ] || return 0
  remove_container "$name"
  container_id='' container_running=''
}

# Beside a container that runs on, its old supervisor may do so too, until the new one has taken over. Else it would start
# again what is stopped here.
make_room() {
  [ -n "$origin_tree" ] || return 0
  IFS= read -r order <"$service/order"
  if [ "$order" = start-first ] && [ "$container_running" = true ]; then return 0; fi
  let_go_of_origin drain
  inspect_container "$name" || true
}

# The container stays; its live configuration or its announcement may be new. The link to the release comes last: after a
# kill the same call finds it old, and does all of it again.
keep_container() {
  if [ "$new_release" = "$old_release" ]; then return 0; fi
  [ "$action" != unchanged ] || action=announced
  if config_differs; then
    check_config
    reload_config
    action=reloaded
  fi
  swap_release
}

swap_release() {
  [ "$new_release" != "$old_release" ] || return 0
  [ -z "$old_release" ] || point_link "$service/releases/previous" "$old_release"
  point_link "$service/releases/current" "$new_release"
}

swap_back() {
  if [ -n "$old_release" ]; then point_link "$service/releases/current" "$old_release"; else rm -f "$service/releases/current"; fi
}

switch_off() {
  let_go_of_origin drain
  swap_release
  if [ -n "$container_id" ]; then
    take_down_container
    action=disabled
  fi
  if [ -L "$RUNDOCK_SERVICE/$name" ]; then action=disabled; fi
  unlink_service "$name"
  unlock_service
  wait_for_runsv_to_go "$name"
  unmark_withdrawn "$name"
}

take_down_container() {
  old_running=$container_running
  step_aside
  remove_inspected "$name"
  "$here/retire.sh" "$name" 9>&-
}

# Last, so that a service which stays as it was stays whose it was. A resource of an older version has no claim.
install_claim() {
  read_claim "$service/claim"
  held_claim=$claim
  read_claim "$stage/claim"
  if [ "$claim" = "$held_claim" ]; then return 0; fi
  if [ -z "$claim" ]; then
    rm -f "$service/claim"
  elif [ -z "$held_claim" ]; then
    echo "$claim" >"$service/claim"
  else
    mv -f "$stage/claim" "$service/claim"
  fi
}

clear_away() {
  prune_releases "$service" "$held_release" "$new_release"
  prune_images
  [ -n "$has_last" ] || return 0
  # Whoever handed over, this call or one that was killed just then: the waiter is the old container's still; the next
  # run.sh adopts the new one.
  sv kill "$RUNDOCK_SERVICE/$name" >/dev/null 2>&1 || true
  retire_in_background "$name"
}

answer() {
  read_previous
  printf '{"ok":true,"action":"%s","warnings":[%s],"notes":[%s],"digests":[%s],"previous":%s}\n' "$action" \
    "$adoption_warnings${adoption_warnings:+${warnings:+,}}$warnings" "$notes" "$image_digests" "$previous"
}

# read_previous: sets previous, as JSON. No image's name has a quote.
read_previous() {
  previous=null
  [ -n "$previous_release" ] && [ -r "$service/releases/previous/image" ] || return 0
  IFS= read -r previous_image <"$service/releases/previous/image"
  previous="{\"release\":\"$previous_release\",\"image\":\"$previous_image\"}"
}

main "$@"
