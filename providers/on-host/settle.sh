# shellcheck shell=sh disable=SC2154 # sourced after paths.sh, docker-socket.sh and mark.sh; the caller holds the lock

# settle NAME: completes the hand-over of an apply.sh that was killed, or undoes it when the new container had not become
# the service. The container NAME is the service's afterwards, there is no NAME.next, and its record is not kept away;
# has_last tells whether the container is still there that another has replaced.
settle() {
  unmark_withdrawn "$1"
  find_beside "$1" || return 111
  [ -n "$has_next" ] || return 0
  inspect_container "$1.next" || return 111
  [ -n "$container_id" ] || return 0
  settled_identity=
  [ ! -r "$RUNDOCK_SV/$1/releases/current/identity" ] ||
    IFS= read -r settled_identity <"$RUNDOCK_SV/$1/releases/current/identity"
  if [ "$container_running" = true ] && [ "$container_identity" = "$settled_identity" ]; then
    hand_over_name "$1"
  else
    remove_container "$1.next"
  fi
}

# find_beside NAME: sets has_next and has_last (yes or empty): whether there is a NAME.next, and a NAME.last. One list is
# cheaper than two inspections, and mostly there is neither.
find_beside() {
  has_next='' has_last=
  list_containers "all=1&filters=%7B%22name%22%3A%5B%22$1%5C%5C.%22%5D%7D" || return 111
  case $docker_body in *"\"/$1.next\""*) has_next=yes ;; esac
  case $docker_body in *"\"/$1.last\""*) has_last=yes ;; esac
}

# hand_over_name NAME: NAME.next is NAME from now on, and the old one, if there is one, is NAME.last.
hand_over_name() {
  remove_container "$1.last"
  docker_request POST "/containers/$1/rename?name=$1.last"
  docker_request POST "/containers/$1.next/rename?name=$1"
  [ "$docker_status" = 204 ] || return 111
  has_last=yes
  forget_adopted "$1"
}

# retire_in_background NAME: nobody waits for the old container's drain and stop, nor is there a child to be left unburied
# by the waiter that run.sh becomes.
retire_in_background() {
  (setsid "$here/retire.sh" "$1" </dev/null >/dev/null 2>&1 9>&- &)
}
