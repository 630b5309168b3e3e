# shellcheck shell=sh disable=SC2154,SC2034 # sourced after paths.sh; what it sets is read by the others
# etcd's v3 API through its JSON gateway.

# etcd_request PATH JSON: asks the members in turn, the one that answered last first; the answer is in etcd_answer.
# A member that is cut off from the others hangs, hence the short limit.
etcd_request() {
  for etcd_url in $(etcd_members); do
    if etcd_answer=$(printf %s "$2" | curl --silent --fail --connect-timeout 1 --max-time 1 \
      --data-binary @- "$etcd_url/v3/$1"); then
      etcd_good=$etcd_url
      return 0
    fi
  done
  return 111
}

# etcd_members: one URL a line. URLs hold no blanks, so they may be split into words.
etcd_members() {
  [ -z "${etcd_good:-}" ] || echo "$etcd_good"
  [ ! -r "$RUNDOCK_ETC/etcd" ] || while IFS= read -r etcd_member; do
    [ "$etcd_member" = "${etcd_good:-}" ] || echo "$etcd_member"
  done <"$RUNDOCK_ETC/etcd"
}
