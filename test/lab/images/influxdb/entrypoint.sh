#!/bin/sh
# The first start makes the database and the users that INFLUXDB_* names, before anyone outside can connect.
set -eu

query() {
  curl --silent --fail --show-error --output /dev/null http://127.0.0.1:8999/query --data-urlencode "q=$1"
}

make_database_and_users() {
  INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:8999 INFLUXDB_HTTP_AUTH_ENABLED=false influxd &
  until curl --silent --fail --output /dev/null http://127.0.0.1:8999/ping; do sleep 0.1; done
  if [ -n "${INFLUXDB_DB:-}" ]; then query "CREATE DATABASE \"$INFLUXDB_DB\""; fi
  if [ -n "${INFLUXDB_ADMIN_USER:-}" ]; then
    query "CREATE USER \"$INFLUXDB_ADMIN_USER\" WITH PASSWORD '${INFLUXDB_ADMIN_PASSWORD:-}' WITH ALL PRIVILEGES"
  fi
  if [ -n "${INFLUXDB_USER:-}" ]; then
    query "CREATE USER \"$INFLUXDB_USER\" WITH PASSWORD '${INFLUXDB_USER_PASSWORD:-}'"
    if [ -n "${INFLUXDB_DB:-}" ]; then query "GRANT ALL ON \"$INFLUXDB_DB\" TO \"$INFLUXDB_USER\""; fi
  fi
  kill $!
  wait $! || true
  touch /var/lib/influxdb/.initialized
}

case ${1:-} in -*) set -- influxd "$@" ;; esac
if [ "$1" = influxd ] && [ ! -e /var/lib/influxdb/.initialized ] &&
  [ -n "${INFLUXDB_DB:-}${INFLUXDB_ADMIN_USER:-}${INFLUXDB_USER:-}" ]; then
  make_database_and_users
fi
exec "$@"
