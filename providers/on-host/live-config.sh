# shellcheck shell=sh disable=SC2154 # sourced by apply.sh
# Configuration that a running container reads anew: it sees all releases, so the new one can be checked in place.

config_differs() {
  old_config=$service/releases/$old_release/config
  new_config=$service/releases/$new_release/config
  [ -d "$old_config" ] || [ -d "$new_config" ] || return 1
  ! same_tree "$old_config" "$new_config"
}

# `{release}` in a word stands for the release's directory name.
check_config() {
  words_file=$service/releases/$new_release/config.check
  [ -f "$words_file" ] || return 0
  set -- exec "$name"
  while IFS= read -r word; do
    case $word in
      *'{release}'*) word=${word%%'{release}'*}$new_release${word#*'{release}'} ;;
    esac
    set -- "$@" "$word"
  done <"$words_file"
  failure_log=$stage/check
  timeout 60 docker "$@" >"$failure_log" 2>&1 9>&- || {
    rm -rf "$service/releases/$new_release"
    fail accept 'the new configuration' 'its check command failed; the old configuration stays' 'See the lines above for what it says'
  }
}

reload_config() {
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
    point_link "$service/releases/current" "$old_release"
    fail reload 'the new configuration' 'its reload command failed; the old configuration is back'
  }
}
