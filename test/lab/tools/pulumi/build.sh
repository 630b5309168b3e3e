#!/bin/sh
# Pulumi's CLI and its starter of dynamic providers.
set -eu
VERSION=3.250.0
go build -trimpath -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$VERSION" \
  -o "$1/pulumi" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
install -m 755 ../../../../node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs "$1/"
