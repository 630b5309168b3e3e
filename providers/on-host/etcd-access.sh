#!/bin/sh
# etcd-access.sh ensure|check <JSON
# Users, roles and authentication of the etcd that this host announces to. The JSON says what there is to be:
#   {"rootPasswords": ["…"], "users": [{"name": "…", "password": "…" or null, "permissions": [{"permType": "READ",
#    "key": "…", "range_end": "…"}]}], "gone": ["…"]}
# The first of root's passwords is to hold; the others may hold until now. A user without a password is known by the name
# in its certificate. Users who are gone are removed before the others are made. No password is ever in an argument.
# check answers with what there is of those users.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/etcd.sh"

main() {
  # Members may just be starting before a change; a refresh has nothing to wait for.
  case ${1:-} in
    check) attempts=3 ;;
    ensure) attempts=30 ;;
    *) wrong_call 'etcd-access.sh ensure|check <JSON' ;;
  esac
  wanted=$(cat)
  token_file=$(mktemp)
  trap 'rm -f "$token_file"' EXIT
  [ -s "$RUNDOCK_ETC/etcd" ] || fail reach etcd 'this host is not told where etcd is' "Set the Host's etcd"
  find_out_whether_enabled
  seen=
  if [ "$1" = ensure ]; then ensure_access; elif [ "$enabled" = true ]; then look_at_users; fi
  printf '{"ok":true,"enabled":%s,"users":[%s]}\n' "$enabled" "${seen#,}"
}

# Only root may ask for the status, once authentication is on.
find_out_whether_enabled() {
  tries=0
  until ask auth/status '{}'; do
    tries=$((tries + 1))
    [ "$tries" -lt "$attempts" ] || fail reach etcd 'no member answers' 'See the log of the service etcd'
    sleep 1
  done
  case $etcd_answer in
    *'"enabled":true'* | *'user name is empty'*) enabled=true ;;
    *) enabled=false ;;
  esac
}

look_at_users() {
  log_in_as_root
  for_each '.users[]' look_at_user
}

look_at_user() {
  read_user "$1"
  holds=true
  [ "$(printf %s "$1" | jq '.password == null')" = true ] || can_log_in "$(printf %s "$1" | jq -c '{name, password}')" || holds=false
  seen="$seen,$(printf '%s\n%s\n%s' "$1" "$roles" "$permissions" | jq -cs --argjson holds "$holds" '
    {name: .[0].name, roles: .[1], permissions: .[2], passwordHolds: $holds}')"
}

# read_user USER: sets roles and permissions, JSON lists; empty ones when there is no such user or role.
read_user() {
  ask_or_absent auth/user/get "$(printf %s "$1" | jq -c '{name}')" || refused auth/user/get
  roles=$(printf %s "$etcd_answer" | jq -c '.roles // []')
  ask_or_absent auth/role/get "$(printf %s "$1" | jq -c '{role: .name}')" || refused auth/role/get
  # etcd leaves out READ, and what is empty.
  permissions=$(printf %s "$etcd_answer" | jq -c '
    (.perm // []) | map({permType: (.permType // "READ"), key: (.key // ""), range_end: (.range_end // "")})')
}

ensure_access() {
  [ "$enabled" = false ] || log_in_as_root
  ensure_user "$(printf %s "$wanted" | jq -c '{name: "root", password: .rootPasswords[0], permissions: []}')"
  for_each '(.gone // [])[] | {name: .}' remove_user
  for_each '.users[]' ensure_user
  [ "$enabled" = true ] || must auth/enable '{}'
  enabled=true
}

# for_each FILTER FUNCTION: calls it with each value that jq finds in what is wanted.
for_each() {
  found=$(printf %s "$wanted" | jq -c "$1")
  while IFS= read -r each; do
    [ -z "$each" ] || "$2" "$each"
  done <<EOF
$found
EOF
}

remove_user() {
  ask_or_absent auth/user/delete "$1" || refused auth/user/delete
  ask_or_absent auth/role/delete "$(printf %s "$1" | jq -c '{role: .name}')" || refused auth/role/delete
}

log_in_as_root() {
  logins=$(printf %s "$wanted" | jq -c '.rootPasswords[] | {name: "root", password: .}')
  while IFS= read -r login; do
    if log_in "$login"; then return 0; fi
  done <<EOF
$logins
EOF
  fail 'log in to' etcd "as root: $(cause)" 'Its password is in the state of the stack that turned authentication on'
}

# A role of the user's own name has its permissions, and is the only one that it has.
ensure_user() {
  name=$(printf %s "$1" | jq -r .name)
  ask_or_there auth/role/add "$(printf %s "$1" | jq -c '{name}')" || refused auth/role/add
  if ask auth/user/add "$(printf %s "$1" | jq -c 'if .password == null
      then {name, options: {no_password: true}} else {name, password} end')" && [ "$etcd_status" = 200 ]; then
    :
  else
    ensure_password "$1"
  fi
  must auth/user/grant "$(printf %s "$1" | jq -c '{user: .name, role: .name}')"
  [ "$name" = root ] || ensure_rights "$1"
}

# Those that are not wanted any more go, so that a domain that changed leaves no rights behind.
ensure_rights() {
  read_user "$1"
  steps=$(printf '%s\n%s\n%s' "$1" "$permissions" "$roles" | jq -rs '
    .[0].name as $name | .[0].permissions as $wanted | .[1] as $present
    | (($wanted - $present)[] | ["auth/role/grant", ({name: $name, perm: .} | tojson)]),
      (($present | map(select([.key, .range_end] as $range | $wanted | any([.key, .range_end] == $range) | not)))[]
        | ["auth/role/revoke", ({role: $name, key, range_end} | tojson)]),
      (.[2][] | select(. != $name) | ["auth/user/revoke", ({name: $name, role: .} | tojson)])
    | join(" ")')
  while read -r path body; do
    [ -z "$path" ] || must "$path" "$body"
  done <<EOF
$steps
EOF
}

# A password that holds is left alone: setting it anew would end every session of that user.
ensure_password() {
  [ "$(printf %s "$1" | jq '.password == null')" = false ] || return 0
  login=$(printf %s "$1" | jq -c '{name, password}')
  if [ "$enabled" = true ] && can_log_in "$login"; then return 0; fi
  must auth/user/changepw "$login"
  [ "$name" != root ] || [ "$enabled" = false ] || log_in "$login"
}

log_in() {
  can_log_in "$1" || return 1
  etcd_keep_token "$token_file"
}

can_log_in() {
  ask auth/authenticate "$1" && [ "$etcd_status" = 200 ]
}

must() {
  if ask "$1" "$2" && [ "$etcd_status" = 200 ]; then return 0; fi
  refused "$1"
}

refused() {
  fail change "etcd's users" "$1: $(cause)"
}

ask_or_there() {
  ask "$1" "$2" || return 1
  case $etcd_status$etcd_answer in 200* | *'already exists'*) return 0 ;; esac
  return 1
}

# ask_or_absent PATH JSON: what is not there answers with an empty object.
ask_or_absent() {
  ask "$1" "$2" || return 1
  case $etcd_status$etcd_answer in
    200*) return 0 ;;
    *'not found'*) etcd_answer='{}' ;;
    *) return 1 ;;
  esac
}

# The first member that answers, whatever it answers. Passwords may be more than ASCII.
ask() {
  for etcd_url in $(etcd_members); do
    if etcd_ask_curl "$1" "$2" "$token_file"; then
      etcd_good=$etcd_url
      return 0
    fi
  done
  return 1
}

# What etcd says never repeats what it was sent.
cause() {
  if [ "${etcd_status:-000}" = 000 ]; then echo 'no member answers'; else printf %s "$etcd_answer" | jq -r '.message // .error // "?"'; fi
}

main "$@"
