#!/bin/sh
# check.sh NAME now|ended|RELEASE: prints what is wrong on the host. At any time some container answers; once apply.sh has
# ended, it has left nothing behind; after the next one the service has come to rest at its release.
name=$1 when=$2

main() {
  answers || echo 'no container answers'
  for file in container identity image ready; do
    [ -s "/etc/sv/$name/releases/current/$file" ] || echo "the current release has no $file"
  done
  [ "$when" = now ] || check_end
  case $when in now | ended) ;; *) check_rest ;; esac
}

check_end() {
  flock -w 20 "/run/rundock/$name.lock" true || echo 'the lock is held'
  for left in "/etc/sv/.stage.$name" "/run/rundock/withdrawn/$name"; do
    [ ! -e "$left" ] || echo "$left is left"
  done
}

check_rest() {
  tries=0
  until [ "$(containers)" = "$name running " ] || [ "$tries" -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  [ "$tries" -lt 100 ] || echo "the containers are: $(containers)"
  [ "$(readlink "/etc/sv/$name/releases/current")" = "$when" ] || echo 'the release is another'
}

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
    --data-urlencode "filters={\"label\":[\"rundock.service=$name\"]}" http://docker/containers/json | jq --raw-output "$1"
}

main
