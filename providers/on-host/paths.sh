# shellcheck shell=sh disable=SC2034 # sourced; not every script uses every path
# Where everything is on a host. The tests set other places.
RUNDOCK_LIB=${RUNDOCK_LIB:-/usr/local/lib/rundock}
RUNDOCK_ETC=${RUNDOCK_ETC:-/etc/rundock}
RUNDOCK_RUN=${RUNDOCK_RUN:-/run/rundock}
RUNDOCK_SV=${RUNDOCK_SV:-/etc/sv}
RUNDOCK_SERVICE=${RUNDOCK_SERVICE:-/etc/service}
RUNDOCK_DOCKER=${RUNDOCK_DOCKER:-/var/run/docker.sock}
newline='
'
carriage_return=$(printf '\r')
umask 022
# /run is empty after a boot.
[ -d "$RUNDOCK_RUN/withdrawn" ] || (umask 077 && mkdir -p "$RUNDOCK_RUN/withdrawn")
