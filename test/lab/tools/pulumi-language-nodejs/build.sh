#!/bin/sh
# Pulumi's Node.js host, of the newest SDK that still holds it; it works with newer CLIs.
set -eu
go build -trimpath -ldflags "-s -w" \
  -o "$1/pulumi-language-nodejs" github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs
