# shellcheck shell=sh
# Names, places and addresses of the lab that RUNDOCK_LAB selects. LAB_ROOT is the project's directory.

LAB=${RUNDOCK_LAB:-lab}
case $LAB in
  lab) LAB_STATE=$LAB_ROOT/.lab LAB_PUBLIC=172.30.0 LAB_PRIVATE=172.30.1 ;;
  test) LAB_STATE=$LAB_ROOT/.lab-test LAB_PUBLIC=172.30.8 LAB_PRIVATE=172.30.9 ;;
  test-[1-9]) LAB_STATE=$LAB_ROOT/.lab-$LAB LAB_PUBLIC=172.30.${LAB#test-}0 LAB_PRIVATE=172.30.${LAB#test-}1 ;;
  *)
    echo "lab: RUNDOCK_LAB is $LAB: expected lab, test, or test-1 to test-9" >&2
    exit 100
    ;;
esac
LAB_PREFIX=rundock-$LAB-
LAB_DIR=$LAB_ROOT/test/lab
LAB_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/rundock-lab
LAB_DOMAIN=s.$LAB.example.com
LAB_REGISTRY=registry.lab:5000
export LAB LAB_STATE LAB_PUBLIC LAB_PRIVATE LAB_PREFIX LAB_DIR LAB_CACHE LAB_DOMAIN LAB_REGISTRY

LAB_FRONTENDS="front-1 front-2"
LAB_BACKENDS="back-1 back-2 back-3"
LAB_HOSTS="$LAB_FRONTENDS $LAB_BACKENDS"
export LAB_FRONTENDS LAB_BACKENDS LAB_HOSTS

say() {
  printf 'lab: %s\n' "$*"
}

# fail [CODE] MESSAGE: 100 is a wrong call, 111 (the default) a failed system.
fail() {
  code=111
  case $1 in 100 | 111) code=$1 && shift ;; esac
  printf 'lab: %s\n' "$*" >&2
  exit "$code"
}

is_frontend() {
  case " $LAB_FRONTENDS " in *" $1 "*) ;; *) return 1 ;; esac
}

# host_address NAME public|private
host_address() {
  case $1 in
    registry) number=5 ;;
    front-*) number=1${1#front-} ;;
    back-*) number=2${1#back-} ;;
  esac
  case $2 in
    public) echo "$LAB_PUBLIC.$number" ;;
    private) echo "$LAB_PRIVATE.$number" ;;
    *) fail 100 "expected public or private, got $2" ;;
  esac
}

require_host() {
  case " $LAB_HOSTS registry " in
    *" $1 "*) ;;
    *) fail 100 "unknown host '$1': expected one of $LAB_HOSTS registry" ;;
  esac
}

# Runs a command while no other lab or clone changes the cache.
with_cache_locked() {
  mkdir -p "$LAB_CACHE"
  (
    flock 9
    "$@" 9>&-
  ) 9>>"$LAB_CACHE/lock"
}
