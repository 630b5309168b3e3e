#!/bin/sh
# GF_NAME__FILE gives GF_NAME the content of a file, as the public image does; the server itself ignores it.
set -eu
for variable in $(env | sed -n 's/^\(GF_[A-Za-z0-9_]*\)__FILE=.*/\1/p'); do
  file=$(printenv "${variable}__FILE")
  # Apart from the export, whose own success would hide a file that cannot be read.
  value=$(cat "$file")
  export "$variable=$value"
  unset "${variable}__FILE"
done
exec grafana-server --homepath=/usr/share/grafana --config=/etc/grafana/grafana.ini --packaging=docker "$@" \
  cfg:default.log.mode=console \
  cfg:default.paths.data="${GF_PATHS_DATA:-/var/lib/grafana}" \
  cfg:default.paths.logs="${GF_PATHS_LOGS:-/var/log/grafana}" \
  cfg:default.paths.plugins="${GF_PATHS_PLUGINS:-/var/lib/grafana/plugins}" \
  cfg:default.paths.provisioning="${GF_PATHS_PROVISIONING:-/etc/grafana/provisioning}"
