# shellcheck shell=sh disable=SC2154,SC2034 # sourced after paths.sh; what it sets is read by the others
# Docker's API over its socket. A docker client costs 30 to 50 ms of CPU to start, this one.
# HTTP/1.0 makes Docker close the connection after its answer, which ends nc.

# docker_request METHOD PATH: sets docker_status and docker_body; fails when the socket does not answer.
docker_request() {
  docker_answer=$(printf '%s %s HTTP/1.0\r\nContent-Length: 0\r\n\r\n' "$1" "$2" | nc -U "$RUNDOCK_DOCKER" 2>/dev/null) || return 111
  docker_status=${docker_answer#* }
  docker_status=${docker_status%% *}
  docker_body=${docker_answer#*"$newline$carriage_return$newline"}
  [ -n "$docker_status" ]
}
carriage_return=$(printf '\r')

# inspect_container NAME: sets container_id, container_running (true, false or empty when there is none),
# container_identity, container_release and container_image.
# The patterns match only what Docker wrote as JSON itself: inside a value a quote is escaped.
inspect_container() {
  container_id='' container_running='' container_identity='' container_release='' container_image=''
  docker_request GET "/containers/$1/json" || return 111
  [ "$docker_status" = 200 ] || return 0
  json_text Id
  container_id=$json_value
  json_text Image
  container_image=$json_value
  json_text rundock.identity
  container_identity=$json_value
  json_text rundock.release
  container_release=$json_value
  case $docker_body in
    *'"Running":true'*) container_running=true ;;
    *) container_running=false ;;
  esac
}

# remove_container CONTAINER: whether it runs or not; the volumes that have no name go with it.
remove_container() {
  docker_request DELETE "/containers/$1?force=true&v=true"
}

# json_text KEY: the first text of that key in docker_body, in json_value.
json_text() {
  json_value=
  case $docker_body in
    *"\"$1\":\""*) ;;
    *) return 0 ;;
  esac
  json_value=${docker_body#*"\"$1\":\""}
  json_value=${json_value%%\"*}
}

# container_address: the first address that docker_body, an inspection, names; empty with the host's network.
container_address() {
  address_rest=$docker_body
  while :; do
    case $address_rest in
      *'"IPAddress":"'*) ;;
      *) address='' && return 0 ;;
    esac
    address_rest=${address_rest#*'"IPAddress":"'}
    address=${address_rest%%\"*}
    [ -z "$address" ] || return 0
  done
}
