# shellcheck shell=sh disable=SC2154,SC2034 # sourced after paths.sh; what it sets is read by the others
# etcd's v3 API through its JSON gateway. What curl needs for TLS is in /etc/rundock/etcd.curl, and who logs in, in
# etcd-login; a plain etcd has neither.

# etcd_request PATH JSON: asks the members in turn, the one that answered last first; the answer is in etcd_answer.
# A session of etcd's ends after five minutes without a request, with its member, and with a change of rights: then
# whoever has a login logs in anew.
etcd_request() {
  etcd_url=${etcd_good:-}
  if [ -n "$etcd_url" ] && etcd_ask_logged_in "$1" "$2"; then return 0; fi
  for etcd_url in $(etcd_others); do
    etcd_ask_logged_in "$1" "$2" || continue
    etcd_good=$etcd_url
    return 0
  done
  return 111
}

etcd_ask_logged_in() {
  etcd_ask "$1" "$2" "$RUNDOCK_RUN/etcd-session" || return 111
  case $etcd_status in
    400 | 401) if etcd_log_in; then etcd_ask "$1" "$2" "$RUNDOCK_RUN/etcd-session" || return 111; fi ;;
  esac
  [ "$etcd_status" = 200 ]
}

# etcd_ask PATH JSON SESSION: one request to etcd_url; sets etcd_answer and etcd_status. A member that is cut off from the
# others hangs, hence the short limit.
etcd_ask() {
  if is_etcd_plain; then etcd_ask_plainly "$1" "$2"; else etcd_ask_curl "$@"; fi
}

# A URL without a port is left to curl.
is_etcd_plain() {
  [ ! -r "$RUNDOCK_ETC/etcd.curl" ] && [ ! -r "$RUNDOCK_ETC/etcd-login" ] || return 1
  case $etcd_url in http://*:*[0-9]) ;; *) return 1 ;; esac
}

# A curl takes 7 ms of CPU to start, this 1. HTTP/1.0 makes etcd close the connection after its answer, which ends nc. All
# that is sent without a login is ASCII, of which a shell counts the bytes.
etcd_ask_plainly() {
  etcd_member=${etcd_url#http://}
  etcd_host=${etcd_member%:*}
  etcd_host=${etcd_host#\[}
  etcd_status=000
  etcd_answer=$(
    nc -w 1 "${etcd_host%\]}" "${etcd_member##*:}" 2>/dev/null <<JSON
POST /v3/$1 HTTP/1.0$carriage_return
Content-Length: $((${#2} + 1))$carriage_return
$carriage_return
$2
JSON
  ) || return 111
  etcd_status=${etcd_answer#* }
  etcd_status=${etcd_status%% *}
  etcd_answer=${etcd_answer#*"$newline$carriage_return$newline"}
  [ -n "$etcd_status" ]
}

# etcd_ask_curl PATH JSON SESSION: whatever etcd asks for and is sent. What is secret reaches curl in files and on stdin, which
# costs no process.
etcd_ask_curl() {
  etcd_status=000 etcd_path=$1 etcd_json=$2 etcd_session=$3
  set --
  [ ! -r "$RUNDOCK_ETC/etcd.curl" ] || set -- --config "$RUNDOCK_ETC/etcd.curl"
  [ ! -s "$etcd_session" ] || set -- "$@" --config "$etcd_session"
  etcd_answer=$(
    curl --silent --connect-timeout 1 --max-time 1 --write-out '\n%{http_code}' \
      "$@" --data-binary @- "$etcd_url/v3/$etcd_path" <<JSON
$etcd_json
JSON
  ) || return 111
  etcd_status=${etcd_answer##*"$newline"}
  etcd_answer=${etcd_answer%"$newline"*}
}

etcd_log_in() {
  [ -r "$RUNDOCK_ETC/etcd-login" ] || return 1
  etcd_ask auth/authenticate "$(cat "$RUNDOCK_ETC/etcd-login")" /dev/null || return 1
  [ "$etcd_status" = 200 ] || return 1
  etcd_keep_token "$RUNDOCK_RUN/etcd-session"
}

# etcd_keep_token FILE: from the answer to a login, as a line for curl. By rename: others may read it right now.
etcd_keep_token() {
  etcd_token=${etcd_answer#*'"token":"'}
  (umask 077 && printf 'header = "Authorization: %s"\n' "${etcd_token%%\"*}" >"$1.$$")
  mv "$1.$$" "$1"
}

# etcd_members: one URL a line. URLs hold no blanks, so they may be split into words.
etcd_members() {
  [ -z "${etcd_good:-}" ] || echo "$etcd_good"
  etcd_others
}

etcd_others() {
  [ ! -r "$RUNDOCK_ETC/etcd" ] || while IFS= read -r etcd_member; do
    [ "$etcd_member" = "${etcd_good:-}" ] || echo "$etcd_member"
  done <"$RUNDOCK_ETC/etcd"
}
