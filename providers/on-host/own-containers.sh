# shellcheck shell=sh disable=SC2154,SC2034 # sourced after paths.sh and docker-socket.sh; what it sets is read by the others

# list_own_containers [all]: sets docker_body to Docker's list of Rundock's containers, those that run or all. One that
# was adopted is in it with the labels that it would have, had Rundock made it.
list_own_containers() {
  list_query=${1:+all=1&}
  set -- "$RUNDOCK_SV"/*/adopted
  if [ ! -e "$1" ]; then
    list_containers "${list_query}filters=%7B%22label%22%3A%5B%22rundock.service%22%5D%7D"
    return
  fi
  list_containers "$list_query" || return 111
  adopted_containers=
  for adopted_file; do
    adopted_service=${adopted_file%/adopted}
    IFS= read -r adopted_words <"$adopted_file" || continue
    adopted_containers=$adopted_containers${adopted_service##*/}' '$adopted_words$newline
  done
  docker_body=$(printf %s "$docker_body" | jq -c --arg adopted "$adopted_containers" -f "$here/own-containers.jq")
}
