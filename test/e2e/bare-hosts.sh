#!/bin/sh
# bare-hosts.sh up|down: two machines on the lab's public network that have an SSH server and nothing that Rundock needs:
# bare-1 with systemd, bare-2 without any init. `up` prints a line for each: name, address and host key.
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
  down
  ensure_images bare:1 >&2
  for name in bare-1 bare-2; do create "$name"; done
  for name in bare-1 bare-2; do
    await_ssh "$name"
    key=$(docker exec "$LAB_PREFIX$name" cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)
    echo "$name $(address "$name") $key"
  done
}

create() {
  case $1 in bare-1) init=systemd ;; *) init=none ;; esac
  create_machine "$1" bare:1 --network "${LAB_PREFIX}public" --ip "$(address "$1")" --env "INIT=$init" \
    --add-host "registry.lab:$(host_address registry public)" \
    --volume /var/lib/docker --volume "$LAB_STATE/ssh_key.pub:/lab/authorized_keys:ro"
  docker start "$LAB_PREFIX$1" >/dev/null
}

address() {
  echo "$LAB_PUBLIC.3${1#bare-}"
}

await_ssh() {
  tries=0
  until nc -z "$(address "$1")" 22; do
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
  for name in bare-1 bare-2; do docker rm --force --volumes "$LAB_PREFIX$name" >/dev/null 2>&1 || true; done
}

case $*/$# in
  up/1) up ;;
  down/1) down ;;
  "cut-power "*/2) cut_power "$2" ;;
  *) fail 100 "usage: bare-hosts.sh up | down | cut-power NAME" ;;
esac
