# shellcheck shell=sh
# The lab's images. Each is named after a hash of all it is made from, so that a changed input is built anew and
# an unchanged one is never built twice, by any lab or clone on this machine.

LAB_IMAGES=rundock-lab-image
LAB_SERVICE_IMAGES="etcd:1 coredns:1 influxdb:1 grafana:1 nginx:1 collectd:1 web:1 web:2 registry:1"
export LAB_SERVICE_IMAGES

# ensure_images NAME:TAG…: two are built at a time.
ensure_images() {
  with_cache_locked ensure_image base
  while [ $# -gt 0 ]; do
    ensure_image "$1" &
    first=$!
    shift
    if [ $# -gt 0 ]; then
      ensure_image "$1"
      shift
    fi
    wait "$first"
  done
}

ensure_image() {
  if image_exists "$(image_reference "$1")"; then return; fi
  case $1 in
    base) ensure_debian ;;
    coredns:*) ensure_tool coredns "about 3 minutes" ;;
    grafana:*) ensure_tool grafana "about 2 minutes" ;;
  esac
  say "building the image $1"
  build_image "$1" >"$LAB_CACHE/image-$1.log" 2>&1 || {
    tail -n 20 "$LAB_CACHE/image-$1.log" >&2
    fail "could not build the image $1 (log: $LAB_CACHE/image-$1.log)"
  }
}

image_exists() {
  docker image inspect "$1" >/dev/null 2>&1
}

# image_reference NAME[:TAG]
image_reference() {
  name=${1%%:*} tag=${1##*:}
  echo "$LAB_IMAGES/$name:$(image_inputs "$name" | sha256sum | cut -c1-12)-$tag"
}

image_inputs() {
  case $1 in base) echo "$LAB_IMAGES/debian:trixie" ;; *) image_inputs base ;; esac
  case $1 in coredns | grafana) basename "$(tool_directory "$1")" ;; esac
  (cd "$LAB_DIR/images/$1" && find . -type f | sort | xargs sha256sum)
}

build_image() {
  name=${1%%:*} tag=${1##*:}
  case $name in base) base=$LAB_IMAGES/debian:trixie ;; *) base=$(image_reference base) ;; esac
  build_context "$name" | docker build --tag "$(image_reference "$1")" \
    --build-arg BASE="$base" --build-arg VERSION="$tag" -
}

build_context() {
  case $1 in
    coredns | grafana) tar --create --directory "$LAB_DIR/images/$1" . --directory "$(tool_directory "$1")" . ;;
    *) tar --create --directory "$LAB_DIR/images/$1" . ;;
  esac
}

# By name: Docker refuses to remove by id what others are built on.
remove_images() {
  docker image ls --format '{{.Repository}}:{{.Tag}}' --filter "reference=$LAB_IMAGES/*" |
    xargs -r docker image rm --force >/dev/null
  docker image prune --force --filter label=rundock.lab.image >/dev/null
}

ensure_debian() {
  if image_exists "$LAB_IMAGES/debian:trixie"; then return; fi
  say "fetching Debian's base image"
  if timeout 20 docker pull --quiet debian:trixie-slim >/dev/null 2>&1; then
    docker tag debian:trixie-slim "$LAB_IMAGES/debian:trixie"
  else
    make_debian
  fi
}

make_debian() {
  say "no registry within reach: making Debian's base image with mmdebstrap (about 30 seconds, once)"
  ensure_program mmdebstrap mmdebstrap
  if [ ! -e "$LAB_CACHE/debian.tar" ]; then
    mmdebstrap --quiet --variant=minbase --include=ca-certificates \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
      --dpkgopt='path-exclude=/usr/share/locale/*' trixie "$LAB_CACHE/debian.new.tar"
    mv "$LAB_CACHE/debian.new.tar" "$LAB_CACHE/debian.tar"
  fi
  docker import "$LAB_CACHE/debian.tar" "$LAB_IMAGES/debian:trixie" >/dev/null
}
