# shellcheck shell=sh disable=SC2154 # sourced by apply.sh
# Configuration that a running container reads anew: it sees all releases, so the new one can be checked in place.

# What the container sees may be of another release than the current one, when an apply.sh was killed.
config_differs() {
  live_link=$service/releases/$container_release.live
  live_release=$(readlink "$live_link") || return 1
  ! same_tree "$service/releases/$live_release/config" "$service/releases/$new_release/config"
}

# `{release}` in a word stands for the release's directory name.
check_config() {
  words_file=$service/releases/$new_release/config.check
  [ -f "$words_file" ] || return 0
  set --
  while IFS= read -r word; do
    in_release "$word" "$new_release"
    set -- "$@" "$word"
  done <"$words_file"
  failure_log=$stage/check
  run_in_container "$@" || {
    rm -rf "$service/releases/$new_release"
    fail accept 'the new configuration' "its check command $command_end; the old configuration stays" 'See the lines above for what it says'
  }
}

# The link to the new files comes before the command that reads them. After a failure it is the old one's again; what the
# container had read by then only its program knows.
reload_config() {
  point_link "$live_link" "$new_release"
  reload_file=$service/releases/$new_release/config.reload
  [ -f "$reload_file" ] || return 0
  read -r reload_kind reload_signal <"$reload_file"
  if [ "$reload_kind" = signal ]; then
    docker_request POST "/containers/$name/kill?signal=$reload_signal"
    return 0
  fi
  set --
  {
    read -r _
    while IFS= read -r word; do
      in_release "$word" "$container_release.live"
      set -- "$@" "$word"
    done
  } <"$reload_file"
  failure_log=$stage/reload
  run_in_container "$@" || {
    point_link "$live_link" "$live_release"
    fail reload 'the new configuration' "its reload command $command_end; the old files are back" \
      'Correct config.reload.command or the files, and run pulumi up again'
  }
}

# run_in_container WORDS…: for at most a minute, with what it says in failure_log. Failed, it sets command_end, in words.
run_in_container() {
  command_code=0
  timeout 60 docker exec "$name" "$@" >"$failure_log" 2>&1 9>&- || command_code=$?
  case $command_code in
    0) return 0 ;;
    124) command_end='did not end within 60 s' ;;
    *) command_end="ended with exit code $command_code" ;;
  esac
  return 1
}
