#!/bin/sh
# shellcheck disable=SC2154 # put before the walks, which set name
# What they ask of the containers of the service $name. With a filter of Docker's API in $filter, those are its containers
# which that lets through.

# containers: NAME STATE for each
containers() {
  list '.[] | .Names[0][1:] + " " + .State' | tr '\n' ' '
}

answers() {
  for address in $(list '.[].NetworkSettings.Networks[].IPAddress'); do
    if curl --silent --fail --connect-timeout 2 --max-time 20 --output /dev/null "http://$address:8080/"; then return 0; fi
  done
  return 1
}

# A docker client costs ten times as much.
list() {
  curl --silent --get --unix-socket /var/run/docker.sock --data all=1 \
    --data-urlencode "filters={${filter:-\"label\":[\"rundock.service=$name\"]}}" http://docker/containers/json |
    jq --raw-output "$1"
}

# found: what another call finds of the service, but for what a killed one has unpacked: containers, files, and what is at work
# in the tree that is adopted.
found() {
  list '.[] | "container " + .Id + " " + .Names[0] + " " + .State'
  find /proc -maxdepth 2 -name cwd -lname "*/docker-$name*" -printf '%h\n' 2>/dev/null | while read -r process; do
    read -r stat 2>/dev/null <"$process/stat" || continue
    case ${stat##*) } in T*) state=stopped ;; *) state=at-work ;; esac
    echo "process ${process#/proc/} $state"
  done
  find /etc/sv /etc/service /run/rundock \( -name supervise -o -name '.stage.*' -o -name '*.started' -o -name '*.exit' \) -prune -o \
    -path "*$name*" -printf '%p %y %m %s %l\n' -type f -exec cat {} + 2>/dev/null || true
}

eventually() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -le 600 ] || return 1
    sleep 0.1
  done
}
