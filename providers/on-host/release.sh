# shellcheck shell=sh disable=SC2154 # sourced after paths.sh
# Releases of a service: immutable directories, and two links that are swapped by rename.

# point_link LINK TARGET: once it is there, never missing in between, as it would be with ln -f.
point_link() {
  if [ ! -L "$1" ]; then
    ln -s "$2" "$1"
    return 0
  fi
  ln -sfn "$2" "$1.new"
  mv -T "$1.new" "$1"
}

# current_release SERVICE_DIR: its name, or nothing.
current_release() {
  readlink "$1/releases/current" || true
}

# same_tree A B: whether two directories hold the same files with the same modes and owners.
same_tree() {
  same_files "$1" "$2" && [ "$(tree_modes "$1")" = "$(tree_modes "$2")" ]
}

same_files() {
  diff -r "$1" "$2" >/dev/null 2>&1
}

# mend_rights A B: the files of A, which are those of B, get the modes and the owner that they have there. They stay the
# same ones for the containers that have them mounted.
mend_rights() {
  chown -R -h "$(stat -c %u:%g "$2")" "$1"
  (cd "$2" && find . ! -type l -exec stat -c '%a/%n' {} +) | while IFS= read -r rights; do
    chmod "${rights%%/*}" "$1/${rights#*/}"
  done
}

tree_modes() {
  (cd "$1" && find . -exec stat -c '%a %u:%g %n' {} + | sort)
}

# prune_releases SERVICE_DIR IN_USE...: keeps the current one, the one before and those that containers were made from.
# Sets previous_release.
prune_releases() {
  pruned_dir=$1
  shift
  previous_release=$(readlink "$pruned_dir/releases/previous" || true)
  kept=" $(current_release "$pruned_dir") $previous_release $* "
  for candidate in "$pruned_dir"/releases/*; do
    candidate_name=${candidate##*/}
    case $candidate_name in
      current | previous) continue ;;
      *.live) candidate_name=${candidate_name%.live} ;;
    esac
    case $kept in
      *" $candidate_name "*) ;;
      *) rm -rf "$candidate" ;;
    esac
  done
}
