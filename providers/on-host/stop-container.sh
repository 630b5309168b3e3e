# shellcheck shell=sh disable=SC2154 # sourced after paths.sh and docker-socket.sh

# stop_container CONTAINER NAME: gives it the time that the service NAME allows, then kills it.
stop_container() {
  stop_timeout=10
  [ ! -r "$RUNDOCK_SV/$2/stop-timeout" ] || IFS= read -r stop_timeout <"$RUNDOCK_SV/$2/stop-timeout"
  docker_request POST "/containers/$1/stop?t=$stop_timeout"
}

# drain NAME: time for those who still know the record.
drain() {
  drain_seconds=0
  [ ! -r "$RUNDOCK_SV/$1/drain" ] || IFS= read -r drain_seconds <"$RUNDOCK_SV/$1/drain"
  [ -f "$RUNDOCK_SV/$1/releases/current/announce" ] || return 0
  [ -s "$RUNDOCK_ETC/etcd" ] || return 0
  sleep "$drain_seconds"
}
