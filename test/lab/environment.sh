# shellcheck shell=sh
# What Pulumi needs to work on the lab: the file `env` in the state directory, a stack, and its configuration.

LAB_CONFIGURATION=$LAB_ROOT/Pulumi.$LAB.yaml

ensure_environment() {
  write_env >"$LAB_STATE/env.new"
  mv "$LAB_STATE/env.new" "$LAB_STATE/env"
  ensure_stack
  ensure_configuration
}

write_env() {
  echo "# Written by test/lab/lab up. Source it, and any pulumi command works on this lab from the project's directory."
  write_variable RUNDOCK_LAB "$LAB"
  write_variable PULUMI_STACK "$LAB"
  write_variable PULUMI_HOME "$LAB_STATE/pulumi-home"
  write_variable PULUMI_BACKEND_URL "file://$LAB_STATE/pulumi-state"
  write_variable PULUMI_CONFIG_PASSPHRASE "rundock-$LAB"
  write_variable PULUMI_SKIP_UPDATE_CHECK 1
  write_variable NODE_COMPILE_CACHE "$LAB_CACHE/compiled"
  path=$(quote "$LAB_ROOT/node_modules/.bin:$(tool_path)")
  # shellcheck disable=SC2016 # for the shell that reads the file
  printf 'case $PATH in %s*) ;; *) export PATH=%s"$PATH" ;; esac\n' "$path" "$path"
}

write_variable() {
  printf 'export %s=%s\n' "$1" "$(quote "$2")"
}

quote() {
  printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

# Runs pulumi in the project with the lab's environment.
lab_pulumi() (
  # shellcheck source=/dev/null
  . "$LAB_STATE/env"
  cd "$LAB_ROOT" || exit
  pulumi --non-interactive --color never "$@" >"$LAB_STATE/pulumi.log" 2>&1 || {
    cat "$LAB_STATE/pulumi.log" >&2
    fail "could not run pulumi $1 $2"
  }
)

ensure_stack() {
  if [ -e "$LAB_STATE/pulumi-state/.pulumi/stacks/rundock/$LAB.json" ]; then return; fi
  say "making the stack $LAB"
  mkdir -p "$LAB_STATE/pulumi-state"
  lab_pulumi stack init "$LAB"
}

# Sets what is missing, and what is a fact of this lab; the rest of the file is the user's.
ensure_configuration() {
  lab_facts >"$LAB_STATE/facts.new"
  if cmp -s "$LAB_STATE/facts.new" "$LAB_STATE/facts" && has_setting sshKey && has_setting hosts; then
    rm "$LAB_STATE/facts.new"
  else
    say "writing $LAB_CONFIGURATION"
    set_facts
    set_defaults
    cp "$LAB_CONFIGURATION" "$LAB_STATE/configuration"
    mv "$LAB_STATE/facts.new" "$LAB_STATE/facts"
  fi
}

has_setting() {
  grep -q "^  rundock:$1:" "$LAB_CONFIGURATION" 2>/dev/null
}

set_facts() {
  if has_setting hosts; then lab_pulumi config rm rundock:hosts; fi
  set --
  while IFS= read -r fact; do set -- "$@" --plaintext "$fact"; done <"$LAB_STATE/facts.new"
  lab_pulumi config set-all --path "$@"
  # Pulumi takes off the last line break, which the key needs.
  (cat "$LAB_STATE/ssh_key" && echo) | lab_pulumi config set --secret rundock:sshKey
}

set_defaults() {
  if ! has_setting domain; then lab_pulumi config set rundock:domain "$LAB_DOMAIN"; fi
  if ! has_setting images; then set_images; fi
  if ! has_setting grafanaAdminPassword; then
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n' | lab_pulumi config set --secret rundock:grafanaAdminPassword
  fi
}

set_images() {
  set --
  for image in etcd coredns influxdb grafana nginx collectd web; do
    set -- "$@" --plaintext "rundock:images.$image=$LAB_REGISTRY/$image:1"
  done
  lab_pulumi config set-all --path "$@"
}

# Lines path=value.
lab_facts() {
  echo "rundock:registry=$LAB_REGISTRY"
  index=0
  for host in $LAB_HOSTS; do
    host_facts "$host" | sed "s/^/rundock:hosts[$index]./"
    index=$((index + 1))
  done
}

host_facts() {
  printf 'name=%s\nhostKey=%s\nprivateAddress=%s\n' "$1" "$(host_key "$1")" "$(host_address "$1" private)"
  if is_frontend "$1"; then
    printf 'roles[0]=frontend\naddress=%s\npublicAddress=%s\n' "$(host_address "$1" public)" "$(host_address "$1" public)"
  else
    printf 'roles[0]=backend\naddress=%s\njump=front-1\n' "$(host_address "$1" private)"
  fi
}

remove_environment() {
  if [ -e "$LAB_CONFIGURATION" ]; then
    if cmp -s "$LAB_CONFIGURATION" "$LAB_STATE/configuration"; then
      rm "$LAB_CONFIGURATION"
    else
      say "keeping $LAB_CONFIGURATION: it was edited"
    fi
  fi
  rm -rf "$LAB_STATE"
}
