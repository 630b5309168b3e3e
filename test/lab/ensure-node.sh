#!/bin/sh
# Installs the project's packages, Node among them, when they are absent or older than package-lock.json.
set -eu
cd "$(dirname "$0")/../.."

installed=node_modules/.package-lock.json
if [ -x node_modules/.bin/node ] && [ -e "$installed" ] &&
  [ -z "$(find package-lock.json -newer "$installed")" ]; then exit 0; fi
command -v npm >/dev/null || {
  echo "npm is missing: install Node.js, any version with npm 10 or newer" >&2
  exit 111
}
echo "installing packages (npm ci)"
npm ci --no-audit --no-fund --loglevel=error
touch "$installed"
