# shellcheck shell=sh disable=SC2034,SC2154 # sourced after paths.sh; what it sets is read by the others
# What a service's directory holds beside its releases.
SERVICE_FILES='run finish check control/t wait-request stop-timeout drain order'

# list_extras SERVICE_DIR: sets extras, one path a line, of what neither Rundock nor runsv made.
list_extras() {
  extras=
  for extra in "$1"/* "$1"/control/*; do
    case ${extra#"$1/"} in
      run | finish | check | control | control/t | wait-request | stop-timeout | drain | order) continue ;;
      releases | supervise | maintenance | claim | pulled | pulled.new | adopted | adopted.new) continue ;;
    esac
    if [ -e "$extra" ] || [ -L "$extra" ]; then extras="$extras${extra#"$1/"}$newline"; fi
  done
}
