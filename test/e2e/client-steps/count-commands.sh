#!/bin/sh
# count-commands.sh: lets apply.sh send a byte over its SSH connection before each of its commands, so that who counts what
# comes over the connection counts them too.
set -eu
lib=/usr/local/lib/rundock
shims=/tmp/count-commands
commands='cat chmod cmp cp date diff docker find flock grep jq ln mkdir mv nc readlink rm sed setsid sleep sort stat sv tail tar timeout'

mkdir -p "$shims"
for command in $commands; do
  # Without the connection there is nobody to tell.
  cat >"$shims/$command" <<SHIM
#!/bin/sh
(trap '' PIPE; printf . >&6) 2>/dev/null
exec $(command -v "$command") "\$@" 6>&-
SHIM
  chmod 755 "$shims/$command"
done
mv "$lib/apply.sh" "$lib/apply-counted.sh"
cat >"$lib/apply.sh" <<WRAPPER
#!/bin/sh
PATH=$shims:\$PATH exec $lib/apply-counted.sh "\$@" 6>&2
WRAPPER
chmod 755 "$lib/apply.sh"
