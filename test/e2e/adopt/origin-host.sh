#!/bin/sh
# origin-host.sh NAME IMAGE URL WORDS…: sets a service up as the Ansible module of 2014 left it, with these words of `docker
# run`. URL is its key in etcd's v2 API; `-` means that it is not announced. The scripts are told apart by nothing but
# their folders, as there.
set -eu
name=$1 image=$2 url=$3
shift 3
tree=/etc/sv/docker-$name
container=$tree

if [ "$url" != - ]; then
  container=$tree/services/service
  mkdir -p "$tree/services/announce"
  cat >"$tree/run" <<'RUN'
#!/bin/bash
runsvdir -P services &
nested=$!
stop() {
  sv down services/announce services/service
  sv -w 10 check services/announce services/service
  kill -HUP $nested
  exit
}
trap stop INT TERM
wait
RUN
  cat >"$tree/services/announce/run" <<RUN
#!/bin/bash
trap 'curl -s -X DELETE $url; exit' INT TERM
while true; do
  curl -s -X PUT $url -d value='{"host": "$(hostname -i)", "port": 18081}' -d ttl=60
  sleep 45
done
RUN
fi

mkdir -p "$container"
cat >"$container/run" <<RUN
#!/bin/bash
docker rm $name
docker pull $image
exec docker run -i --rm --name $name --hostname $(hostname)-$name $* $image
RUN
find "$tree" -name run -exec chmod 755 {} +
ln -s "$tree" "/etc/service/docker-$name"
