#!/bin/sh
# Machines in the lab's networks that have an SSH server and nothing that Rundock needs: bare-1 with systemd, bare-2 without
# any init.
# bare-hosts.sh up NAME: makes it anew, and prints its name, address and host key.
# bare-hosts.sh down NAME
# bare-hosts.sh cut-power NAME: kills the machine and starts it again.
set -eu

LAB_ROOT=$(cd "$(dirname "$0")/../.." && pwd -P)
# shellcheck source=../lab/settings.sh
. "$LAB_ROOT/test/lab/settings.sh"
# shellcheck source=../lab/packages.sh
. "$LAB_DIR/packages.sh"
# shellcheck source=../lab/images.sh
. "$LAB_DIR/images.sh"
# shellcheck source=../lab/hosts.sh
. "$LAB_DIR/hosts.sh"

up() {
  down "$1"
  ensure_images bare:1 >&2
  create "$1"
  await_ssh "$1"
  key=$(docker exec "$LAB_PREFIX$1" cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)
  echo "$1 $(address "$1" public) $key"
}

create() {
  case $1 in bare-1) init=systemd ;; *) init=none ;; esac
  create_machine "$1" bare:1 --network "${LAB_PREFIX}public" --ip "$(address "$1" public)" --env "INIT=$init" \
    --add-host "registry.lab:$(host_address registry public)" \
    --volume /var/lib/docker --volume "$LAB_STATE/ssh_key.pub:/lab/authorized_keys:ro"
  docker network connect --ip "$(address "$1" private)" "${LAB_PREFIX}private" "$LAB_PREFIX$1"
  docker start "$LAB_PREFIX$1" >/dev/null
}

# address NAME public|private
address() {
  case $2 in public) network=$LAB_PUBLIC ;; private) network=$LAB_PRIVATE ;; esac
  echo "$network.3${1#bare-}"
}

await_ssh() {
  tries=0
  until nc -z "$(address "$1" public)" 22; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ]; then fail "$1 did not come up within 60 s (docker logs $LAB_PREFIX$1)"; fi
    sleep 0.1
  done
}

cut_power() {
  docker kill "$LAB_PREFIX$1" >/dev/null
  docker start "$LAB_PREFIX$1" >/dev/null
  await_ssh "$1"
}

down() {
  docker rm --force --volumes "$LAB_PREFIX$1" >/dev/null 2>&1 || true
}

case $*/$# in
  "up bare-"[12]/2) up "$2" ;;
  "down bare-"[12]/2) down "$2" ;;
  "cut-power bare-"[12]/2) cut_power "$2" ;;
  *) fail 100 "usage: bare-hosts.sh up | down | cut-power bare-1|bare-2" ;;
esac
