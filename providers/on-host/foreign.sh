# shellcheck shell=sh disable=SC2154,SC2034 # sourced by apply.sh; what it sets is read by the others
# What Rundock did not make and a new service meets: a container of its name, a service directory of its name, and the
# tree docker-NAME of the Ansible module that Rundock replaces. With `adopt` they are taken over, else refused.
# A link in /etc/service whose supervisor was ended has a dot before its name, so that a failed start can bring it back.

# find_foreign: sets foreign_container, foreign_tree and origin_tree. Where the service has a current release, a container
# that a hand put in the place of its own is drift.
find_foreign() {
  foreign_container='' foreign_tree='' origin_tree=
  if [ -n "$container_id" ] && [ -z "$container_release" ] && [ ! -L "$service/releases/current" ]; then
    foreign_container=$container_id
  fi
  if is_foreign_tree "$service"; then foreign_tree=$service; fi
  if is_foreign_tree "$RUNDOCK_SV/docker-$name"; then origin_tree=$RUNDOCK_SV/docker-$name; fi
}

is_foreign_tree() {
  [ -e "$1" ] && [ ! -d "$1/releases" ]
}

# Without adopt.
refuse_foreign() {
  advice='adopt: true takes it over; or remove it, or give the service another name'
  if [ -n "$foreign_tree" ]; then
    fail create "$service" 'a service directory of that name is there, and is not made by Rundock' "$advice"
  fi
  if [ -n "$foreign_container" ]; then
    fail create "container $name" 'a container of that name is there, and is not made by Rundock' "$advice"
  fi
  if [ -n "$origin_tree" ] && [ -e "$RUNDOCK_SERVICE/docker-$name" ] && [ ! -L "$service/releases/current" ]; then
    fail create "$service" "$origin_tree is at work for a container of that name" "$advice"
  fi
  origin_tree=
}

# make_way: a service directory of our name is put aside.
make_way() {
  [ -n "$foreign_tree" ] || return 0
  if [ -z "$container_id" ] && is_supervised "$name"; then
    fail adopt "$service" "what it runs is no container $name" 'Remove it, or give the service another name'
  fi
  end_supervisors_or_fail "$service"
  rm -rf "$RUNDOCK_SV/.foreign.$name"
  mv "$service" "$RUNDOCK_SV/.foreign.$name"
}

# let_go_of_origin [drain]: its container runs on, and its announcement goes. With drain, of a container that is about to
# be stopped, those who know the record get their time.
let_go_of_origin() {
  [ -n "$origin_tree" ] || return 0
  end_supervisors_or_fail "$origin_tree"
  remove_origin_record "$origin_tree/services/announce/run"
  if [ $# -eq 1 ] && [ "$container_running" = true ] && [ -n "$origin_record_removed" ]; then
    IFS= read -r drain_seconds <"$service/drain"
    sleep "$drain_seconds"
  fi
}

end_supervisors_or_fail() {
  end_supervisors "$1" || fail end "the supervisors of $1" 'they are not found, or do not end' "See who works there with fuser $1/*"
}

# put_back_foreign: when a first start failed. runsvdir starts what the link stands for.
put_back_foreign() {
  [ -z "$old_release" ] || return 0
  if [ -d "$RUNDOCK_SV/.foreign.$name" ]; then
    mv "$service" "$stage/abandoned"
    mv "$RUNDOCK_SV/.foreign.$name" "$service"
  fi
  for tree in "$name" "docker-$name"; do
    [ ! -L "$RUNDOCK_SERVICE/.$tree" ] || mv -T "$RUNDOCK_SERVICE/.$tree" "$RUNDOCK_SERVICE/$tree"
  done
}

# clear_foreign: when the service has taken its place.
clear_foreign() {
  [ -z "$origin_tree" ] || rm -rf "$origin_tree"
  [ ! -d "$RUNDOCK_SV/.foreign.$name" ] || rm -rf "$RUNDOCK_SV/.foreign.$name"
  for tree in "$name" "docker-$name"; do
    [ ! -L "$RUNDOCK_SERVICE/.$tree" ] || rm -f "$RUNDOCK_SERVICE/.$tree"
  done
}
