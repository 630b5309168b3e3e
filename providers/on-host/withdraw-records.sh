# shellcheck shell=sh disable=SC2154 # sourced after paths.sh, etcd.sh, lines.sh and supervision.sh

# withdraw_records NAME...: takes the services' records out of etcd at once. The announcer puts them back when the
# containers serve again, unless a mark keeps them away. No etcd is no error: the announcer, which finds them noted still,
# takes them out when it is back.
withdraw_records() {
  withdrawn_names=" $* "
  operations=
  in_lines add_deletion "$(announced_records)"
  if [ -n "$operations" ] && etcd_request kv/txn "{\"success\":[${operations#,}]}"; then forget_records; fi
  # It may be just about to put a record back, from what it saw before.
  kick_announcer_of_end
}

# What the announcer noted.
announced_records() {
  cat "$RUNDOCK_RUN/announced" 2>/dev/null || true
}

# The words of a line are NAME CONTAINER MARK KEY VALUE.
add_deletion() {
  is_withdrawn_now "$1" || return 0
  operations="$operations,{\"requestDeleteRange\":{\"key\":\"$4\"}}"
}

forget_records() {
  other_records=
  in_lines keep_other "$(announced_records)"
  printf %s "$other_records" >"$RUNDOCK_RUN/announced.$$"
  mv "$RUNDOCK_RUN/announced.$$" "$RUNDOCK_RUN/announced"
}

keep_other() {
  is_withdrawn_now "$1" || other_records="$other_records$*$newline"
}

is_withdrawn_now() {
  case $withdrawn_names in *" $1 "*) ;; *) return 1 ;; esac
}
