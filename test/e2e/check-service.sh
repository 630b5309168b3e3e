#!/bin/sh
# check-service.sh NAME now|ended|RELEASE, behind service-containers.sh: prints what is wrong on the host. At any time some
# container answers; once apply.sh has ended, it has left nothing behind; after the next one the service has come to rest at
# its release.
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
  flock -w 60 "/run/rundock/$name.lock" true || echo 'the lock is held'
  for left in "/etc/sv/.stage.$name" "/run/rundock/withdrawn/$name"; do
    [ ! -e "$left" ] || echo "$left is left"
  done
}

check_rest() {
  eventually is_at_rest || echo "the containers are: $(containers)"
  [ "$(readlink "/etc/sv/$name/releases/current")" = "$when" ] || echo 'the release is another'
}

is_at_rest() {
  [ "$(containers)" = "$name running " ]
}

main
