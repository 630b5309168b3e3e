# shellcheck shell=sh disable=SC2154 # sourced after paths.sh, etcd.sh and supervision.sh

# withdraw_records NAME...: takes the services' records out of etcd at once. The announcer puts them back when the
# containers serve again, unless a mark keeps them away. No etcd is no error: the announcer, which finds them noted still,
# takes them out when it is back.
withdraw_records() {
  withdrawn_names=" $* "
  operations=
  for_each_record add_deletion
  if [ -n "$operations" ] && etcd_request kv/txn "{\"success\":[${operations#,}]}"; then forget_records; fi
  # It may be just about to put a record back, from what it saw before.
  kick_announcer
}

# for_each_record FUNCTION: with each line that the announcer noted. A shell reads a file byte by byte, and words not.
for_each_record() {
  for_record=$1 old_ifs=$IFS
  set -f
  IFS=$newline
  # shellcheck disable=SC2046
  set -- $(cat "$RUNDOCK_RUN/announced" 2>/dev/null || true)
  IFS=$old_ifs
  set +f
  for record; do "$for_record" "$record"; done
}

# A line is NAME CONTAINER MARK KEY VALUE.
add_deletion() {
  is_withdrawn_now "$1" || return 0
  record_key=${1% *}
  operations="$operations,{\"requestDeleteRange\":{\"key\":\"${record_key##* }\"}}"
}

forget_records() {
  other_records=
  for_each_record keep_other
  printf %s "$other_records" >"$RUNDOCK_RUN/announced.$$"
  mv "$RUNDOCK_RUN/announced.$$" "$RUNDOCK_RUN/announced"
}

keep_other() {
  is_withdrawn_now "$1" || other_records=$other_records$1$newline
}

is_withdrawn_now() {
  case $withdrawn_names in *" ${1%% *} "*) ;; *) return 1 ;; esac
}
