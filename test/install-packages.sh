#!/bin/sh
# Installs the programs that the checks call, where that can be done; else says which are missing.
set -eu

missing=
for pair in shellcheck:shellcheck busybox:busybox dash:dash jq:jq curl:curl nc:netcat-openbsd flock:util-linux \
  ssh-keygen:openssh-client openssl:openssl; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "missing programs; install these packages:$missing" >&2
  exit 111
fi
echo "installing$missing"
apt-get update -qq
# shellcheck disable=SC2086 # a list of package names
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
