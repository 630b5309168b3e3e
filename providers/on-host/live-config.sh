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
  set -- exec "$name"
  while IFS= read -r word; do
    in_release "$word" "$new_release"
    set -- "$@" "$word"
  done <"$words_file"
  failure_log=$stage/check
  timeout 60 docker "$@" >"$failure_log" 2>&1 9>&- || {
    rm -rf "$service/releases/$new_release"
    fail accept 'the new configuration' 'its check command failed; the old configuration stays' 'See the lines above for what it says'
  }
}

reload_config() {
  point_link "$live_link" "$new_release"
  reload_file=$service/releases/$new_release/config.reload
  [ -f "$reload_file" ] || return 0
  read -r reload_kind reload_signal <"$reload_file"
  if [ "$reload_kind" = signal ]; then
    docker_request POST "/containers/$name/kill?signal=$reload_signal"
    return 0
  fi
  set -- exec "$name"
  {
    read -r _
    while IFS= read -r word; do set -- "$@" "$word"; done
  } <"$reload_file"
  failure_log=$stage/reload
  timeout 60 docker "$@" >"$failure_log" 2>&1 9>&- || {
    point_link "$live_link" "$live_release"
    fail reload 'the new configuration' 'its reload command failed; the old configuration is back'
  }
}
