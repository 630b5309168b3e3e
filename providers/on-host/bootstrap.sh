#!/bin/sh
# bootstrap.sh [insecure-registry=NAME]…: makes a bare Debian or Ubuntu machine one that can run services: installs what
# it lacks, sets Docker up, and starts Docker and runit, now and at every boot. A root shell reads it from stdin; it lies
# on no host. What is as it should be is left alone, so it may run again, also after a run that was cut short.
# Exit codes: 100 the call is wrong, 111 the system failed.
set -eu

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
# Nobody is there to answer, and needrestart would restart what it likes.
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
umask 022

# The tests set other places.
OS_RELEASE=${RUNDOCK_OS_RELEASE:-/etc/os-release}
DAEMON_JSON=${RUNDOCK_DAEMON_JSON:-/etc/docker/daemon.json}
SERVICE=${RUNDOCK_SERVICE:-/etc/service}
APPARMOR=${RUNDOCK_APPARMOR:-/sys/module/apparmor/parameters/enabled}
INITTAB=${RUNDOCK_INITTAB:-/etc/inittab}
DOCKER_INIT=${RUNDOCK_DOCKER_INIT:-/etc/init.d/docker}
LOCK_SECONDS=300

main() {
  read_settings "$@"
  require_known_system
  [ "$(id -u)" = 0 ] || wrong_call "it has to be run as root"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  changed=
  install_packages
  set_up_docker
  start_runit
  if [ -n "$changed" ]; then say "ready"; else say "ready: nothing was to do"; fi
}

read_settings() {
  registries=
  for setting; do
    case $setting in
      *[!A-Za-z0-9.:/=_-]*) wrong_call "$setting is no setting" ;;
      insecure-registry=[A-Za-z0-9]*) registries="$registries ${setting#*=}" ;;
      *) wrong_call "$setting is no setting; usage: bootstrap.sh [insecure-registry=NAME]..." ;;
    esac
  done
}

require_known_system() {
  # shellcheck disable=SC1090 # every distribution writes it as assignments
  system=$(. "$OS_RELEASE" && echo "${ID:-unknown} ${VERSION_ID:-without a version}") || system="an unknown system"
  case $system in
    "debian 1"[2-9] | "debian "[2-9][0-9]) ;;
    "ubuntu 2"[2-9].* | "ubuntu "[3-9][0-9].*) ;;
    *)
      wrong_call "this machine runs $system; it is made for Debian 12 and Ubuntu 22.04, or newer ones
  Install runit, Docker, curl, jq and netcat-openbsd by other means, and take bootstrap off this host"
      ;;
  esac
  say "system: $system, $(init_name)"
}

# What starts services on this machine.
init_name() {
  if has_systemd; then echo systemd; elif has_inittab; then echo init; else echo "no init that is known"; fi
}

has_systemd() {
  [ -d /run/systemd/system ]
}

has_inittab() {
  [ -e "$INITTAB" ]
}

install_packages() {
  if is_half_done; then
    say "packages: completing an installation that was cut short"
    complete_installation
  fi
  list_missing
  if [ -z "$missing" ]; then
    say "packages: nothing to do"
    return
  fi
  await_lock /var/lib/apt/lists/lock
  attempt apt_get update || true
  # Which packages there are is known only now.
  list_missing
  # shellcheck disable=SC2086 # names of packages
  attempt apt_get install $missing || install_again
  installed=$missing
  list_missing
  [ -z "$missing" ] || fail install "$missing" "apt-get installed $installed, and still something is not there" \
    "If files of a package were removed by hand: apt-get install --reinstall $missing"
  say "packages: installed $installed"
  changed=yes
}

# The lists may have been renewed meanwhile, or a package of somebody else's was left half done.
install_again() {
  complete_installation
  attempt apt_get update || true
  # shellcheck disable=SC2086
  attempt apt_get install $missing || fail install "$missing" "apt-get ended with exit code $code"
}

# Whether dpkg was ended before its end: it keeps a journal, and knows which packages are not ready for use.
is_half_done() {
  for entry in /var/lib/dpkg/updates/*; do
    if [ -e "$entry" ]; then return; fi
  done
  dpkg-query --show --showformat '${db:Status-Status}\n' |
    grep -Eqx 'half-installed|unpacked|half-configured|triggers-awaited|triggers-pending'
}

complete_installation() {
  await_lock /var/lib/dpkg/lock-frontend
  attempt dpkg --force-confdef --force-confold --configure -a || true
  attempt apt_get install --fix-broken ||
    fail complete "an installation that was cut short" "apt-get ended with exit code $code"
  changed=yes
}

# Sets `missing`, names of packages. It looks for what they bring, since Docker, for one, may have
# come from elsewhere.
list_missing() {
  missing=
  for pair in curl:curl jq:jq nc:netcat-openbsd flock:util-linux tar:tar sv:runit dockerd:docker.io; do
    if ! has_program "${pair%%:*}"; then lacks "${pair#*:}"; fi
  done
  if has_program nc && ! nc -h 2>&1 | grep -q -e -U; then lacks netcat-openbsd; fi
  # A package of its own since Debian 13; elsewhere a part of docker.io.
  if ! has_program docker && apt-cache show docker-cli >/dev/null 2>&1; then lacks docker-cli; fi
  if [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then lacks ca-certificates; fi
  if has_apparmor && ! has_program apparmor_parser; then lacks apparmor; fi
  if needs_runit_starter; then lacks runit-run; fi
}

has_program() {
  command -v "$1" >/dev/null
}

lacks() {
  missing="${missing:+$missing }$1"
}

# With AppArmor in the kernel, Docker runs no container without a program that its package only recommends.
has_apparmor() {
  [ "$(cat "$APPARMOR" 2>/dev/null)" = Y ]
}

# The package runit by itself starts nothing where there is another init.
needs_runit_starter() {
  if runsvdir_runs; then return 1; fi
  if has_systemd; then [ ! -e /lib/systemd/system/runit.service ]; else has_inittab && ! grep -q /etc/runit/ "$INITTAB"; fi
}

set_up_docker() {
  write_daemon_json
  if [ -e "$pending" ]; then
    take_daemon_json
  elif docker_answers; then
    say "docker: runs"
  else
    start_docker || give_up start
    say "docker: started"
    changed=yes
  fi
  keep_at_boot docker
}

# Adds to what the file says, and changes nothing of it. `pending` holds what it was until Docker has taken the new one.
write_daemon_json() {
  pending=$DAEMON_JSON.pending
  mkdir -p "${DAEMON_JSON%/*}"
  old='{}'
  if [ -s "$DAEMON_JSON" ]; then
    old=$(jq -S . "$DAEMON_JSON" 2>"$log") || fail read "$DAEMON_JSON" "it is not JSON" "Correct it"
  fi
  # shellcheck disable=SC2086 # names without blanks
  new=$(printf %s "$old" | jq -S --args "$SETTINGS" $registries 2>"$log") || fail "add to" "$DAEMON_JSON" "it is no JSON object"
  if [ "$new" = "$old" ]; then
    say "docker configuration: nothing to do"
  else
    : >"$pending"
    if [ -e "$DAEMON_JSON" ]; then
      cp -p "$DAEMON_JSON" "$pending"
      cp -p "$DAEMON_JSON" "$DAEMON_JSON.new"
    fi
    printf '%s\n' "$new" >"$DAEMON_JSON.new"
    mv "$DAEMON_JSON.new" "$DAEMON_JSON"
    say "docker configuration: wrote $DAEMON_JSON"
  fi
  case $new in
    *'"live-restore": false'*) say "docker configuration: live-restore is off and stays so: containers end when Docker restarts" ;;
  esac
}

# Containers outlive a restart of Docker, and their logs fill no disk.
# shellcheck disable=SC2016 # the variables are jq's
SETTINGS='
  {"live-restore": true, "log-driver": "json-file"} + .
  | if ."log-driver" == "json-file"
    then ."log-opts" = {"max-size": "10m", "max-file": "3"} + (."log-opts" // {})
    else . end
  | (."insecure-registries" // []) as $known
  | if $ARGS.positional == [] then .
    else ."insecure-registries" = $known + ($ARGS.positional - $known) end'

# HUP first: it switches live-restore on, so that no container ends with the restart, which the logs' settings need.
take_daemon_json() {
  if kill -HUP "$(cat /run/docker.pid 2>/dev/null)" 2>/dev/null; then eventually 10 has_live_restore || true; fi
  stop_docker
  start_docker || give_up restart
  rm "$pending"
  say "docker: started with its new configuration"
  changed=yes
}

has_live_restore() {
  [ "$(docker info --format '{{.LiveRestoreEnabled}}' 2>/dev/null)" = true ]
}

docker_answers() {
  docker version >/dev/null 2>&1
}

stop_docker() {
  if has_systemd; then
    attempt systemctl stop docker.service || true
  elif [ -x "$DOCKER_INIT" ]; then
    attempt service docker stop || true
  fi
}

# Systemd counts starts, and refuses the fourth within a minute.
start_docker() {
  if has_systemd; then
    attempt systemctl reset-failed docker.service docker.socket || true
    attempt systemctl start docker.service || return 1
  elif [ -x "$DOCKER_INIT" ]; then
    attempt service docker start || return 1
  else
    fail start Docker "there is neither systemd nor /etc/init.d/docker" "Have this machine start dockerd"
  fi
  eventually 60 docker_answers
}

# give_up start|restart: what Docker does not start with is taken back.
give_up() {
  docker_log >>"$log"
  evidence=$(cat "$log")
  advice=
  if [ -s "$pending" ]; then mv "$pending" "$DAEMON_JSON"; elif [ -e "$pending" ]; then rm "$pending" "$DAEMON_JSON"; fi
  if [ -n "${old:-}" ] && [ "$new" != "$old" ]; then
    start_docker || true
    advice="$DAEMON_JSON is as it was"
  fi
  printf '%s\n' "$evidence" >"$log"
  fail "$1" Docker "it does not answer" "$advice"
}

docker_log() {
  if has_systemd; then journalctl --unit docker.service --no-pager --output cat; else cat /var/log/docker.log; fi 2>&1 | tail -n 10
}

start_runit() {
  if has_systemd && [ -e /lib/systemd/system/runit.service ]; then keep_at_boot runit; fi
  if runsvdir_runs; then
    say "runit: runs"
    return
  fi
  remark=
  if has_systemd; then
    attempt systemctl start runit.service || true
  elif has_inittab; then
    attempt telinit q || true
  else
    env - PATH="$PATH" setsid runsvdir -P "$SERVICE" </dev/null >/dev/null 2>&1 &
    remark=", but nothing on this machine starts it at boot: have $SERVICE served by runsvdir"
  fi
  eventually 20 runsvdir_runs || fail start runit "no runsvdir serves $SERVICE"
  say "runit: started$remark"
  changed=yes
}

# Whoever started it, but not one in a container.
runsvdir_runs() {
  for process in /proc/[0-9]*; do
    read -r name 2>/dev/null <"$process/comm" || continue
    if [ "$name" = runsvdir ] && serves_this_machine "$process"; then return; fi
  done
  return 1
}

serves_this_machine() {
  [ "$(readlink "$1/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ] && tr '\0' '\n' <"$1/cmdline" | grep -Fqx "$SERVICE"
}

# keep_at_boot SERVICE; without systemd the packages have seen to it.
keep_at_boot() {
  if ! has_systemd || systemctl is-enabled --quiet "$1.service" 2>/dev/null; then return; fi
  attempt systemctl enable "$1.service" || fail "have started at boot" "$1" "systemctl ended with exit code $code"
  say "$1: starts at boot from now on"
  changed=yes
}

apt_get() {
  apt-get -y -qq --no-install-recommends -o DPkg::Lock::Timeout="$LOCK_SECONDS" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# A machine that has just booted renews its lists by itself; apt-get waits for one of its locks only, and dpkg for none.
await_lock() {
  if [ ! -e "$1" ] || is_free "$1"; then return; fi
  say "packages: waiting until another program releases $1"
  eventually "$LOCK_SECONDS" is_free "$1" || true
}

is_free() {
  ! grep -q ":$(stat -c %i "$1") " /proc/locks
}

# Runs a command whose output matters only when it fails. Sets `code`.
attempt() {
  code=0
  "$@" >"$log" 2>&1 || code=$?
  return "$code"
}

# eventually SECONDS COMMAND…: by the uptime, since a new machine's clock may just be set right.
eventually() {
  deadline=$(($(uptime_seconds) + $1))
  shift
  until "$@"; do
    if [ "$(uptime_seconds)" -ge "$deadline" ]; then return 1; fi
    sleep 0.2
  done
}

uptime_seconds() {
  cut -d . -f 1 /proc/uptime
}

say() {
  printf '%s\n' "$*"
}

# fail VERB OBJECT CAUSE [ADVICE]: with the last lines of `log` as evidence.
fail() {
  {
    echo "bootstrap: could not $1 $2: $3"
    tail -n 10 "$log" | sed 's/^/  | /'
    if [ -n "${4:-}" ]; then echo "  $4"; fi
  } >&2
  exit 111
}

wrong_call() {
  echo "bootstrap: $1" >&2
  exit 100
}

# No program may read this text from the shell's stdin, and a text that arrived in part does nothing.
{ main "$@" </dev/null; }
