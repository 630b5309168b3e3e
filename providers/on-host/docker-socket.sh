# shellcheck shell=sh disable=SC2154,SC2034 # sourced after paths.sh; what it sets is read by the others
# Docker's API over its socket. A docker client costs 30 to 50 ms of CPU to start, this one.
# HTTP/1.0 makes Docker close the connection after its answer, which ends nc.

# docker_request METHOD PATH: sets docker_status and docker_body; fails when the socket does not answer, or is silent for
# docker_silence seconds where that is set.
docker_request() {
  # Behind a pipe there would be two processes more.
  docker_answer=$(nc ${docker_silence:+-w "$docker_silence"} -U "$RUNDOCK_DOCKER" 2>/dev/null <<EOF
$1 $2 HTTP/1.0$carriage_return
Content-Length: 0$carriage_return
$carriage_return
EOF
  ) || return 111
  docker_status=${docker_answer#* }
  docker_status=${docker_status%% *}
  docker_body=${docker_answer#*"$newline$carriage_return$newline"}
  [ -n "$docker_status" ]
}

# list_containers QUERY: sets docker_body to Docker's list. An error is no list without containers.
list_containers() {
  docker_request GET "/containers/json?$1" && [ "$docker_status" = 200 ]
}

# inspect_container NAME: sets container_id, container_running (true, false or empty when there is none),
# container_pid (0 when it does not run), container_exit_code, container_health, container_identity, container_release,
# container_adopted (yes or empty) and container_address (empty with the host's network). Fails when Docker does not
# answer, or answers with an error.
inspect_container() {
  inspected_name=$1
  container_id='' container_running='' container_pid='' container_exit_code='' container_health=''
  container_identity='' container_release='' container_adopted='' container_address='' in_network_settings=''
  docker_request GET "/containers/$1/json" || return 111
  # One that Docker fails to inspect is there for all that is known: it must not be taken for gone, and made anew.
  case $docker_status in 200) ;; 404) return 0 ;; *) return 111 ;; esac
  # Split once at the quotes: to cut piece after piece out of so long a text costs a shell more than all else here.
  old_ifs=$IFS
  set -f
  IFS='"'
  # shellcheck disable=SC2086
  set -- $docker_body
  IFS=$old_ifs
  set +f
  read_inspection "$@"
  [ -n "$container_release" ] || read_adopted
}

# read_inspection TOKEN...: what stands between the quotes. Inside a value a quote is escaped, so that no value looks like
# a key; of equal keys the first is Docker's own.
read_inspection() {
  json_key='' json_parent='' json_colon=
  for json_token; do
    if [ "$json_colon" = : ]; then
      read_text "$json_key" "$json_token"
      json_colon='' json_key=
      continue
    fi
    case $json_token in
      :) json_colon=: ;;
      ':{'*) json_parent=$json_key ;;
      :true*) [ "$json_key" != Running ] || container_running=${container_running:-true} ;;
      :false*) [ "$json_key" != Running ] || container_running=${container_running:-false} ;;
      :[0-9]*) read_number "$json_key" "${json_token#:}" ;;
      *) json_key=$json_token ;;
    esac
    [ "$json_key" != NetworkSettings ] || in_network_settings=yes
  done
}

# Behind the number stands what ends it.
read_number() {
  case $1 in
    Pid) container_pid=${container_pid:-${2%%[!0-9]*}} ;;
    ExitCode) container_exit_code=${container_exit_code:-${2%%[!0-9]*}} ;;
  esac
}

read_text() {
  case $1 in
    Id) container_id=${container_id:-$2} ;;
    Status) [ "$json_parent" != Health ] || container_health=${container_health:-$2} ;;
    rundock.identity) container_identity=${container_identity:-$2} ;;
    rundock.release) container_release=${container_release:-$2} ;;
    # Only Docker's own comes behind all that a user can write.
    IPAddress) [ -z "$in_network_settings" ] || container_address=${container_address:-$2} ;;
  esac
}

# A container that Rundock did not make has no labels; the file stands in for them.
read_adopted() {
  [ -r "$RUNDOCK_SV/$inspected_name/adopted" ] || return 0
  read -r adopted_id adopted_identity adopted_release <"$RUNDOCK_SV/$inspected_name/adopted" || return 0
  [ "$adopted_id" = "$container_id" ] || return 0
  container_identity=$adopted_identity container_release=$adopted_release container_adopted=yes
}

# remove_container CONTAINER [keep-volumes]: whether it runs or not; the volumes that have no name go with it or stay.
remove_container() {
  if [ $# -eq 2 ]; then remove_volumes=false; else remove_volumes=true; fi
  docker_request DELETE "/containers/$1?force=true&v=$remove_volumes"
}

# remove_inspected CONTAINER: just after inspect_container. Of a container that Rundock did not make all volumes stay.
remove_inspected() {
  if [ -n "$container_release" ] && [ -z "$container_adopted" ]; then
    remove_container "$1"
  else
    remove_container "$1" keep-volumes
  fi
}
