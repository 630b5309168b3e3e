#!/bin/sh
# check.sh: `sv check` asks it whether the service in this directory is ready.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/docker-socket.sh"
. "$here/uptime.sh"
. "$here/ready.sh"
name=${PWD##*/}
ready_once "$name" "$RUNDOCK_SV/$name/releases/current"
