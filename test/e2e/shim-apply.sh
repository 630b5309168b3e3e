#!/bin/sh
# shim-apply.sh BEFORE: from now on apply.sh does BEFORE, a piece of sh, before each of its commands. In there $SHIMMED is
# the name of the service, and descriptor 6 is the SSH connection. A command that has no shim is not found.
set -eu
before=$1
lib=/usr/local/lib/rundock
shims=/tmp/shims-of-apply
commands='base64 cat chmod chown cmp cp curl date diff docker find flock grep jq ln mkdir mv nc readlink rm sed setsid sh sha256sum sleep sort stat sv tail tar timeout tr true'

mkdir -p "$shims"
for command in $commands; do
  cat >"$shims/$command" <<SHIM
#!/bin/sh
$before
exec $(command -v "$command") "\$@" 6>&-
SHIM
  chmod 755 "$shims/$command"
done
[ -e "$lib/apply-shimmed.sh" ] || mv "$lib/apply.sh" "$lib/apply-shimmed.sh"
cat >"$lib/apply.sh" <<WRAPPER
#!/bin/sh
SHIMMED=\$1 PATH=$shims exec $lib/apply-shimmed.sh "\$@" 6>&2
WRAPPER
chmod 755 "$lib/apply.sh"
