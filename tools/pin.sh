#!/bin/sh
# Writes requirements/*.txt: every package that an installation takes, with its version and hashes, for every Python
# and platform that pyproject.toml allows, and without the address that it came from. Needs `uv`, and `--upgrade`
# takes newer versions. Never edit the files by hand.
set -eu
cd "$(dirname "$0")/.."

pin() {
    file=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$file" "$@"
}

pin requirements/dev.txt pyproject.toml --extra server --extra postgres --extra redis --extra sample --group build \
    --group dev "$@"
# The server's versions are those that the tests ran on.
pin requirements/server.txt pyproject.toml --extra server --extra postgres --extra redis --group build \
    --constraints requirements/dev.txt "$@"
# The failover lab runs Patroni as a program of its own.
pin requirements/failover.txt --group pyproject.toml:failover "$@"
# What the SDK alone needs: for an app, and for the ARM64 interpreter of the tests (tools/arm64.sh).
pin requirements/sdk.txt pyproject.toml --constraints requirements/dev.txt "$@"
