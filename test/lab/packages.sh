# shellcheck shell=sh
# Debian's packages that the lab needs on this machine.

# ensure_program PROGRAM PACKAGE
ensure_program() {
  if command -v "$1" >/dev/null; then return; fi
  if ! can_install; then fail "$1 is missing: install $2"; fi
  install_packages "$2"
}

can_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

install_packages() {
  say "installing $*"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
