#!/bin/sh
# etcd-access.sh ensure|check <JSON
# Users, roles and authentication of the etcd that this host announces to. The JSON says what there is to be:
#   {"rootPasswords": ["…"], "users": [{"name": "…", "password": "…" or null, "permissions": [{"permType": "READ",
#    "key": "…", "range_end": "…"}]}]}
# The first of root's passwords is to hold; the others may hold until now. A user without a password is known by the name
# in its certificate. No password is ever in an argument.
set -eu
here=${0%/*}
. "$here/paths.sh"
. "$here/answer.sh"
. "$here/etcd.sh"

main() {
  wanted=$(cat)
  token_file=$(mktemp)
  trap 'rm -f "$token_file"' EXIT
  [ -s "$RUNDOCK_ETC/etcd" ] || fail reach etcd 'this host is not told where etcd is' "Set the Host's etcd"
  find_out_whether_enabled
  case ${1:-} in
    check) ;;
    ensure) ensure_access ;;
    *) wrong_call 'etcd-access.sh ensure|check <JSON' ;;
  esac
  printf '{"ok":true,"enabled":%s}\n' "$enabled"
}

# Only root may ask for the status, once authentication is on.
find_out_whether_enabled() {
  tries=0
  until ask auth/status '{}'; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || fail reach etcd 'no member answers' 'See the log of the service etcd'
    sleep 1
  done
  case $etcd_answer in
    *'"enabled":true'* | *'user name is empty'*) enabled=true ;;
    *) enabled=false ;;
  esac
}

ensure_access() {
  [ "$enabled" = false ] || log_in_as_root
  ensure_user "$(printf %s "$wanted" | jq -c '{name: "root", password: .rootPasswords[0], permissions: []}')"
  users=$(printf %s "$wanted" | jq -c '.users[]')
  while IFS= read -r user; do
    [ -z "$user" ] || ensure_user "$user"
  done <<EOF
$users
EOF
  [ "$enabled" = true ] || must auth/enable '{}'
  enabled=true
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

# A role of the user's own name has its permissions.
ensure_user() {
  name=$(printf %s "$1" | jq -r .name)
  named=$(printf %s "$1" | jq -c '{name}')
  ask_or_there auth/role/add "$named" || refused auth/role/add
  ensure_permissions "$1"
  if ask auth/user/add "$(printf %s "$1" | jq -c 'if .password == null
      then {name, options: {no_password: true}} else {name, password} end')" && [ "$etcd_status" = 200 ]; then
    :
  else
    ensure_password "$1"
  fi
  must auth/user/grant "$(printf %s "$1" | jq -c '{user: .name, role: .name}')"
}

# Those that are not wanted any more go, so that a domain that changed leaves no rights behind.
ensure_permissions() {
  must auth/role/get "$(printf %s "$1" | jq -c '{role: .name}')"
  present=$etcd_answer
  steps=$(printf '%s\n%s' "$1" "$present" | jq -rs '
    .[0] as $user
    | def same: {key, range_end: (.range_end // ""), permType: (.permType // "READ")};
      ($user.permissions | map(same)) as $wanted
    | ((.[1].perm // []) | map(same)) as $present
    | (($wanted - $present)[] | ["auth/role/grant", ({name: $user.name, perm: .} | tojson)]),
      (($present | map(select([.key, .range_end] as $range | $wanted | any([.key, .range_end] == $range) | not)))[]
        | ["auth/role/revoke", ({role: $user.name, key, range_end} | tojson)])
    | join(" ")')
  [ "$name" != root ] || return 0
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
  if [ "$enabled" = true ] && ask auth/authenticate "$login" && [ "$etcd_status" = 200 ]; then return 0; fi
  must auth/user/changepw "$login"
  [ "$name" != root ] || [ "$enabled" = false ] || log_in "$login"
}

log_in() {
  ask auth/authenticate "$1" && [ "$etcd_status" = 200 ] || return 1
  etcd_keep_token "$token_file"
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

# The first member that answers, whatever it answers.
ask() {
  for etcd_url in $(etcd_members); do
    if etcd_ask "$1" "$2" "$token_file"; then
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
