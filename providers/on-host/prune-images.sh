# shellcheck shell=sh disable=SC2154 # sourced after paths.sh, docker-socket.sh and uptime.sh
# The images that apply.sh pulled for a service are noted in its file `pulled`, and go with the last release that names
# them. What a service that is removed has noted is kept in .pulled/UPTIME.NAME for a day: one that is renamed is removed
# and made anew, and needs its image again.

# note_pulled IMAGE: before the pull, so that none is forgotten when apply.sh is killed. A new service's file comes into
# being with its directory.
note_pulled() {
  if [ -d "$service/releases" ]; then echo "$1" >>"$service/pulled"; else echo "$1" >>"$stage/service/pulled"; fi
}

# leave_note NAME: of a service whose directory goes.
leave_note() {
  [ -s "$RUNDOCK_SV/$1/pulled" ] || return 0
  mkdir -p "$RUNDOCK_SV/.pulled"
  read_uptime
  mv "$RUNDOCK_SV/$1/pulled" "$RUNDOCK_SV/.pulled/$uptime.$1"
}

# prune_images: never one that a release names, of whichever service. One that a container uses Docker refuses to remove;
# the next apply.sh tries again.
prune_images() {
  prune_noted "$service/pulled" "$service"/releases/*/image
  prune_left_notes old
}

# prune_left_notes old|all: of services that were removed.
prune_left_notes() {
  for left_note in "$RUNDOCK_SV"/.pulled/*; do
    if [ ! -e "$left_note" ]; then return 0; fi
    if [ "$1" = old ] && ! is_old_note "$left_note"; then continue; fi
    # Who comes second leaves it to the first.
    (flock -n 8 && prune_noted "$left_note" && { [ -s "$left_note" ] || rm -f "$left_note"; }) 8>"$RUNDOCK_RUN/pulled.lock" || true
  done
}

# is_old_note FILE: whether it is there for a day. A machine that was restarted meanwhile counts from then.
is_old_note() {
  noted_at=${1##*/}
  noted_at=${noted_at%%.*}
  read_uptime
  [ "$uptime" -ge "$noted_at" ] || noted_at=0
  [ "$((uptime - noted_at))" -ge 8640000 ]
}

# prune_noted FILE [IMAGE_FILE…]: images that are in the file and that no release names. The given releases are looked at
# first, since mostly they name all.
prune_noted() {
  noted_file=$1
  [ -s "$noted_file" ] || return 0
  shift
  list_unnamed_images "$@"
  [ -n "$unnamed_images" ] || return 0
  list_unnamed_images "$RUNDOCK_SV"/*/releases/*/image "$RUNDOCK_SV"/.stage.*/service/releases/*/image
  # The schema of an image's name has no blanks, so that they may be split into words.
  for unnamed_image in $unnamed_images; do
    docker_request DELETE "/images/$unnamed_image" || return 0
    case $docker_status in 200 | 404) forget_noted "$unnamed_image" ;; esac
  done
}

# list_unnamed_images FILE…: sets unnamed_images, those that are noted and that no such file names.
list_unnamed_images() {
  named_images=$newline unnamed_images=
  for image_file; do
    [ -r "$image_file" ] || continue
    IFS= read -r named_image <"$image_file" || continue
    named_images=$named_images$named_image$newline
  done
  while IFS= read -r noted_image; do
    case $named_images in *"$newline$noted_image$newline"*) continue ;; esac
    unnamed_images="$unnamed_images $noted_image"
  done <"$noted_file"
}

forget_noted() {
  grep -vxF -e "$1" "$noted_file" >"$noted_file.new" || true
  mv "$noted_file.new" "$noted_file"
}
