# shellcheck shell=sh disable=SC2154 # sourced by apply.sh
# The images that apply.sh pulled for a service are noted in its file `pulled`, and go with the last release that names them.

# note_pulled IMAGE: before the pull, so that none is forgotten when apply.sh is killed. A new service's file comes into
# being with its directory.
note_pulled() {
  if [ -d "$service/releases" ]; then echo "$1" >>"$service/pulled"; else echo "$1" >>"$stage/service/pulled"; fi
}

# prune_images: never one that a release names, of whichever service. One that a container uses Docker refuses to remove;
# the next apply.sh tries again.
prune_images() {
  [ -s "$service/pulled" ] || return 0
  list_unnamed_images "$service"/releases/*/image
  [ -n "$unnamed_images" ] || return 0
  list_unnamed_images "$RUNDOCK_SV"/*/releases/*/image "$RUNDOCK_SV"/.stage.*/release/image
  # The schema of an image's name has no blanks, so that they may be split into words.
  for unnamed_image in $unnamed_images; do
    docker_request DELETE "/images/$unnamed_image" || return 0
    case $docker_status in 200 | 404) forget_pulled "$unnamed_image" ;; esac
  done
}

# list_unnamed_images FILE…: sets unnamed_images, those that were pulled and that no such file names.
list_unnamed_images() {
  named_images=$newline unnamed_images=
  for image_file; do
    [ -r "$image_file" ] || continue
    IFS= read -r named_image <"$image_file" || continue
    named_images=$named_images$named_image$newline
  done
  while IFS= read -r pulled_image; do
    case $named_images in *"$newline$pulled_image$newline"*) continue ;; esac
    unnamed_images="$unnamed_images $pulled_image"
  done <"$service/pulled"
}

forget_pulled() {
  grep -vxF -e "$1" "$service/pulled" >"$service/pulled.new" || true
  mv "$service/pulled.new" "$service/pulled"
}
