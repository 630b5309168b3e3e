# shellcheck shell=sh disable=SC2154 # sourced after paths.sh, docker-socket.sh and uptime.sh
# The ready gate: release files `ready` (lines `key value`) and `ready.command`.

# wait_until_ready NAME RELEASE_DIR: fails with ready_answer, the last answer of the probe, when it never gets ready or
# the container ends.
wait_until_ready() {
  read_ready "$2"
  ready_in_row=0 ready_deadline=
  while :; do
    if probe_ready "$1" "$2"; then
      ready_in_row=$((ready_in_row + 1))
      if [ "$ready_in_row" -ge "$ready_successes" ]; then return 0; fi
    else
      ready_in_row=0
      if [ "$container_running" != true ]; then return 111; fi
      is_ready_in_time || return 111
    fi
    ready_pause
  done
}

# The clock starts at the first failure: most containers are ready before.
is_ready_in_time() {
  read_uptime
  ready_deadline=${ready_deadline:-$((uptime + ready_timeout * 100))}
  [ "$uptime" -lt "$ready_deadline" ]
}

# A container is mostly ready within moments, so the first attempts follow each other fast.
ready_pause() {
  ready_attempt=$((${ready_attempt:-0} + 1))
  if [ "$ready_attempt" -le 15 ] && [ "$ready_kind" != running ]; then sleep 0.1; else sleep "$ready_interval"; fi
}

ready_once() {
  read_ready "$2"
  probe_ready "$1" "$2"
}

read_ready() {
  ready_kind=running ready_port='' ready_path=/ ready_status=200-399 ready_address='' ready_interval=0.5
  ready_timeout=60 ready_successes=1
  while read -r ready_key ready_value; do
    case $ready_key in
      kind) ready_kind=$ready_value ;;
      port) ready_port=$ready_value ;;
      path) ready_path=$ready_value ;;
      status) ready_status=$ready_value ;;
      address) ready_address=$ready_value ;;
      interval) ready_interval=$ready_value ;;
      timeout) ready_timeout=${ready_value%%.*} ;;
      successes) ready_successes=$ready_value ;;
    esac
  done <"$1/ready"
}

probe_ready() {
  inspect_container "$1" || { ready_answer='the Docker engine does not answer' && container_running=true && return 1; }
  if [ "$container_running" != true ]; then
    ready_answer="the container ended$(exit_code_text)"
    return 1
  fi
  case $ready_kind in
    running) ready_answer='' ;;
    tcp) probe_tcp ;;
    http) probe_http ;;
    exec) probe_exec "$1" "$2" ;;
    health) probe_health ;;
  esac
}

exit_code_text() {
  [ -z "$container_exit_code" ] || echo " with exit code $container_exit_code"
}

probe_tcp() {
  ready_answer="port $ready_port takes no connection"
  nc -z -w 1 "${container_address:-$ready_address}" "$ready_port" 2>/dev/null || return 1
  listens_itself
}

probe_http() {
  ready_answer=$(curl --silent --show-error --globoff --max-time 2 --output /dev/null --write-out 'status %{http_code}' \
    "http://${container_address:-$ready_address}:$ready_port$ready_path" 2>&1) || return 1
  status=${ready_answer#status }
  [ "$status" -ge "${ready_status%-*}" ] && [ "$status" -le "${ready_status#*-}" ] || return 1
  listens_itself
}

# With the host's network another process may have answered: the container before, which shares the port by reuseport.
# The kernel tells the sockets that listen by their inodes; a container's processes have its id in their cgroup's path.
listens_itself() {
  [ -z "$container_address" ] && has_network_of_host || return 0
  sockets=$(sed -n "s/^ *[0-9]*: [0-9A-F]*:$(printf %04X "$ready_port") [^ ]* 0A [^ ]* [^ ]* [^ ]* *[0-9]* *[0-9]* \([0-9]*\) .*/\1/p" \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null) || true
  # shellcheck disable=SC2046
  opened=$(ls -l $(grep -lsF "$container_id" /proc/[0-9]*/cgroup | sed 's/cgroup$/fd/') 2>/dev/null) || true
  for socket in $sockets; do
    case $opened in *"socket:[$socket]"*) return 0 ;; esac
  done
  ready_answer="something else than the container answers at port $ready_port"
  return 1
}

has_network_of_host() {
  [ "$(readlink "/proc/$container_pid/ns/net")" = "$(readlink /proc/self/ns/net)" ]
}

probe_exec() {
  ready_command=$2/ready.command
  set -- exec "$1"
  while IFS= read -r word; do set -- "$@" "$word"; done <"$ready_command"
  ready_answer=$(timeout 10 docker "$@" 2>&1 9>&-) || return 1
}

probe_health() {
  [ "$container_health" != healthy ] || return 0
  ready_answer="Docker reports it as ${container_health:-without a health check}"
  check_output=$(printf %s "$docker_body" | jq -r '.State.Health.Log[-1]?.Output // ""') || check_output=
  ready_answer=$ready_answer${check_output:+: $check_output}
  return 1
}
