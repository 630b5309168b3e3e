# shellcheck shell=sh
# The lab's networks and hosts. A frontend has eth0 on the public and eth1 on the private network; a backend has
# eth0 on the private network only, which leads nowhere else.

ensure_networks() {
  ensure_network public "$LAB_PUBLIC"
  ensure_network private "$LAB_PRIVATE" --internal
}

ensure_network() {
  name=$LAB_PREFIX$1 subnet=$2
  shift 2
  if docker network inspect "$name" >/dev/null 2>&1; then return; fi
  docker network create --label "rundock.lab=$LAB" --label "rundock.lab.root=$LAB_ROOT" \
    --subnet "$subnet.0/24" --gateway "$subnet.1" "$@" "$name" >/dev/null
}

# The names are the same for every clone on this machine, so a lab belongs to one clone at a time. One whose hosts do not
# run was left behind, by a machine that went down or a clone that was deleted.
take_over_or_refuse() {
  owner=$(lab_owner)
  if [ -z "$owner" ] || [ "$owner" = "$LAB_ROOT" ]; then return; fi
  if [ -n "$(docker container ls --quiet --filter "label=rundock.lab=$LAB")" ]; then
    fail "the lab '$LAB' of $owner is up: take it down there first (RUNDOCK_LAB=$LAB test/lab/lab down)"
  fi
  say "removing the lab '$LAB' of $owner, which was left behind"
  remove_containers
}

# lab_owner: the directory of the clone whose lab is on this machine, if there is one.
lab_owner() {
  docker network inspect --format '{{index .Labels "rundock.lab.root"}}' "${LAB_PREFIX}private" 2>/dev/null || true
}

ensure_hosts() {
  ensure_program ssh-keygen openssh-client
  ensure_login_key
  for host in $LAB_HOSTS; do
    ensure_host_key "$host"
    ensure_host "$host"
  done
  for host in $LAB_HOSTS; do await_host "$host"; done
}

ensure_login_key() {
  if [ ! -e "$LAB_STATE/ssh_key" ]; then
    ssh-keygen -q -t ed25519 -N '' -C "rundock-$LAB" -f "$LAB_STATE/ssh_key"
  fi
}

ensure_host_key() {
  directory=$LAB_STATE/hosts/$1
  mkdir -p "$directory"
  cp "$LAB_STATE/ssh_key.pub" "$directory/authorized_keys"
  if [ ! -e "$directory/ssh_host_ed25519_key" ]; then
    ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$directory/ssh_host_ed25519_key"
  fi
}

# host_key NAME: the public host key, as pinned: type and key, no comment.
host_key() {
  cut -d ' ' -f 1,2 "$LAB_STATE/hosts/$1/ssh_host_ed25519_key.pub"
}

ensure_host() {
  if ! container_exists "$LAB_PREFIX$1"; then
    say "creating $1"
    create_host "$1"
  elif [ "$(docker container inspect --format '{{.Config.Image}}' "$LAB_PREFIX$1")" != "$(image_reference host:1)" ]; then
    say "$1 was made from an older image: lab down and lab up renew it"
  fi
  if ! container_runs "$LAB_PREFIX$1"; then
    docker start "$LAB_PREFIX$1" >/dev/null
  fi
}

create_host() {
  host=$1
  set -- --network "${LAB_PREFIX}private" --ip "$(host_address "$host" private)"
  if is_frontend "$host"; then set -- --network "${LAB_PREFIX}public" --ip "$(host_address "$host" public)"; fi
  create_machine "$host" host:1 "$@" --add-host "registry.lab:$(host_address registry private)" \
    --volume "$LAB_PREFIX$host:/var/lib/docker" --volume "$LAB_STATE/hosts/$host:/lab:ro"
  if is_frontend "$host"; then
    docker network connect --ip "$(host_address "$host" private)" "${LAB_PREFIX}private" "$LAB_PREFIX$host"
  fi
}

# create_machine NAME IMAGE FLAG…: a container that may have a Docker engine in it.
create_machine() {
  machine=$1 image=$2
  shift 2
  docker create "$@" --name "$LAB_PREFIX$machine" --hostname "$machine" --label "rundock.lab=$LAB" \
    --cap-add=ALL --cap-drop=SYS_RESOURCE --device-cgroup-rule 'a *:* rwm' --cgroupns=host \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined --stop-timeout 30 \
    --tmpfs /run:exec,mode=755 --volume /sys/fs/cgroup:/sys/fs/cgroup:rw "$(image_reference "$image")" >/dev/null
}

# Waits until SSH and the host's own Docker answer.
await_host() {
  tries=0
  until docker exec "$LAB_PREFIX$1" sh -c 'nc -z 127.0.0.1 22 && docker version' >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ]; then
      fail "$1 did not come up within 60 s (docker logs $LAB_PREFIX$1; in it, /var/log/dockerd.log)"
    fi
    sleep 1
  done
}

container_exists() {
  docker container inspect "$1" >/dev/null 2>&1
}

container_runs() {
  [ "$(docker container inspect --format '{{.State.Running}}' "$1" 2>/dev/null)" = true ]
}


remove_hosts() {
  take_over_or_refuse
  remove_containers
}

remove_containers() {
  docker container ls --all --quiet --filter "label=rundock.lab=$LAB" | xargs -r docker rm --force --volumes >/dev/null
  for name in $LAB_HOSTS registry; do docker volume rm --force "$LAB_PREFIX$name" >/dev/null; done
  docker network ls --quiet --filter "label=rundock.lab=$LAB" | xargs -r docker network rm >/dev/null
}

show_hosts() {
  for name in $LAB_HOSTS registry; do
    state=$(docker container inspect --format '{{.State.Status}}' "$LAB_PREFIX$name" 2>/dev/null) || state=absent
    case $name in front-* | registry) public=$(host_address "$name" public) ;; *) public=- ;; esac
    printf '%-10s %-8s private %-13s public %s\n' "$name" "$state" "$(host_address "$name" private)" "$public"
  done
}
