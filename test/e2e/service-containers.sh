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
    if curl --silent --fail --max-time 1 --output /dev/null "http://$address:8080/"; then return 0; fi
  done
  return 1
}

# A docker client costs ten times as much.
list() {
  curl --silent --get --unix-socket /var/run/docker.sock --data all=1 \
    --data-urlencode "filters={${filter:-\"label\":[\"rundock.service=$name\"]}}" http://docker/containers/json |
    jq --raw-output "$1"
}

eventually() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -le 150 ] || return 1
    sleep 0.1
  done
}
