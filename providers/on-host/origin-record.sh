# shellcheck shell=sh disable=SC2154,SC2034 # sourced by apply.sh; what it sets is read by the others
# The record that the Ansible module's announce script put through etcd's v2 API, which the v3 API does not show.

# remove_origin_record SCRIPT: the script is read, never run. What cannot be removed is told: it is gone 60 s after it was
# put for the last time. Sets origin_record_removed (yes or empty).
remove_origin_record() {
  origin_record_removed=
  [ -r "$1" ] || return 0
  record_url=$(sed -n "s|.*\(https\{0,1\}://[][A-Za-z0-9._:-]*/v2/keys/skydns/[A-Za-z0-9._/-]*\).*|\1|p" "$1")
  record_url=${record_url%%"$newline"*}
  case $record_url in
    */"$name"/?*) ;;
    *)
      warn_of_adoption "its old record could not be removed: $1 does not say where it is; it is gone within 60 s"
      return 0
      ;;
  esac
  # 404: it is not there, or no v2 API is.
  record_status=$(curl --silent --globoff --max-time 3 --output /dev/null --write-out '%{http_code}' --request DELETE "$record_url") || true
  case $record_status in
    200) origin_record_removed=yes ;;
    404) ;;
    *) warn_of_adoption "its old record could not be removed: $record_url answers with status ${record_status:-000}; it is gone within 60 s" ;;
  esac
}
