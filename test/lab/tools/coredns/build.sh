#!/bin/sh
# Static, since its image holds nothing else.
set -eu
CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$1/coredns" github.com/coredns/coredns
