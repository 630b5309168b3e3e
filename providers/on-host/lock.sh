# shellcheck shell=sh disable=SC2154 # sourced after paths.sh
# One change of a service at a time. The lock dies with its process, so it is never stale.

# lock_service NAME [SECONDS]
lock_service() {
  exec 9>"$RUNDOCK_RUN/$1.lock"
  if [ $# -eq 2 ]; then flock -w "$2" 9; else flock 9; fi
}

unlock_service() {
  exec 9>&-
}

# is_service_locked NAME: whether somebody else holds it. Shared, so that those who ask are not in each other's way.
is_service_locked() {
  ! flock -s -n "$RUNDOCK_RUN/$1.lock" true
}

# wait_for_service NAME: until nobody changes it.
wait_for_service() {
  flock -s "$RUNDOCK_RUN/$1.lock" true
}
