# shellcheck shell=sh
# Programs that cannot be had everywhere, built from the Go modules in tools/ (build.sh DIRECTORY) into the cache.

ensure_tools() {
  if ! usable_pulumi >/dev/null; then
    ensure_tool pulumi "about 6 minutes"
    ensure_tool pulumi-language-nodejs "about 1 minute"
  fi
}

# Prints the path of a Pulumi CLI on PATH that is new enough and not the lab's own.
usable_pulumi() {
  program=$(command -v pulumi) || return 1
  case $program in "$LAB_CACHE"/*) return 1 ;; esac
  version=$(pulumi version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*} minor=${version#*.}
  [ "$major" -gt 3 ] || { [ "$major" = 3 ] && [ "${minor%%.*}" -ge 200 ]; } || return 1
  echo "$program"
}

# Directories to put on PATH.
tool_path() {
  if usable_pulumi >/dev/null; then return; fi
  printf '%s:%s:' "$(tool_directory pulumi)" "$(tool_directory pulumi-language-nodejs)"
}

tool_directory() {
  hash=$(cat "$LAB_DIR/tools/$1/"* | sha256sum | cut -c1-12)
  echo "$LAB_CACHE/tools/$1-$hash"
}

# ensure_tool NAME HOW-LONG
ensure_tool() {
  if [ -d "$(tool_directory "$1")" ]; then return; fi
  with_cache_locked build_tool "$1" "$2"
}

build_tool() {
  directory=$(tool_directory "$1")
  if [ -d "$directory" ]; then return; fi
  command -v go >/dev/null || fail "Go 1.25.11 or newer is needed to build $1: install it, or for pulumi the Pulumi CLI"
  say "building $1 ($2, once)"
  rm -rf "$directory.new"
  mkdir -p "$directory.new"
  (cd "$LAB_DIR/tools/$1" && sh build.sh "$directory.new") >"$LAB_CACHE/tool-$1.log" 2>&1 || {
    tail -n 20 "$LAB_CACHE/tool-$1.log" >&2
    fail "could not build $1 (log: $LAB_CACHE/tool-$1.log)"
  }
  mv "$directory.new" "$directory"
}
