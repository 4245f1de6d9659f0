#!/bin/sh
# Runs a command that finds the content of each file in /run/secrets in the environment variable with the file's name.

set -eu

for file in "${SECRETS:-/run/secrets}"/*; do
    [ -f "$file" ] || continue
    value=$(cat "$file")
    export "$(basename "$file")=$value"
done
exec "$@"
