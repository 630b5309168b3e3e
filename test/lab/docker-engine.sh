# shellcheck shell=sh
# A Docker engine: the machine's own, or one that the lab installs, starts and stops.

docker_answers() {
  docker version >/dev/null 2>&1
}

ensure_docker() {
  if docker_answers; then return; fi
  with_cache_locked provide_docker
}

provide_docker() {
  if docker_answers; then return; fi
  install_docker
  if docker_answers; then return; fi
  if [ -d /run/systemd/system ]; then
    systemctl start docker
  else
    start_dockerd
  fi
  await_docker
}

install_docker() {
  if ! can_install; then
    fail "Docker does not answer. Start it, or give this user the right to use it; \
only as root on Debian does the lab install docker.io and iptables by itself."
  fi
  ensure_program dockerd docker.io
  ensure_program docker docker-cli
  ensure_program iptables iptables
}

start_dockerd() {
  say "starting dockerd (log: $LAB_CACHE/dockerd.log)"
  if pid=$(cat /var/run/docker.pid 2>/dev/null) && ! kill -0 "$pid" 2>/dev/null; then rm -f /var/run/docker.pid; fi
  setsid nohup dockerd >>"$LAB_CACHE/dockerd.log" 2>&1 </dev/null &
  echo $! >"$LAB_CACHE/dockerd.pid"
}

await_docker() {
  tries=0
  until docker_answers; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ]; then
      tail -n 5 "$LAB_CACHE/dockerd.log" >&2
      fail "dockerd did not answer within 30 s"
    fi
    sleep 0.5
  done
}

was_started_here() {
  [ -e "$LAB_CACHE/dockerd.pid" ]
}

lab_containers_exist() {
  [ -n "$(docker ps --all --quiet --filter label=rundock.lab)" ]
}

# Stops the engine only if the lab started it and nothing of anyone runs in it.
release_docker() {
  pid=$(cat "$LAB_CACHE/dockerd.pid" 2>/dev/null) || return 0
  if ! is_dockerd "$pid"; then
    rm -f "$LAB_CACHE/dockerd.pid"
    return
  fi
  if [ -n "$(docker ps --quiet)" ]; then return; fi
  say "stopping dockerd"
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
  rm -f "$LAB_CACHE/dockerd.pid"
}

is_dockerd() {
  [ "$(cat "/proc/$1/comm" 2>/dev/null)" = dockerd ]
}
