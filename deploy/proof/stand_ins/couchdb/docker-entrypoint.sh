#!/bin/bash
# As the official image: the admins are those of the folder with local settings.

set -eu

admins=$(sed -n 's/^\([a-z_]*\) = \(.*\)$/"\1": "\2"/p' /opt/couchdb/etc/local.d/*.ini)
[ -n "$admins" ] || { echo 'ERROR: CouchDB 3.0+ will no longer run in "Admin Party".' >&2; exit 1; }
echo "{\"admins\": {$admins}, \"log\": {\"file\": \"/tmp/log.txt\", \"level\": \"error\"}}" >/tmp/config.json
exec node /opt/node_modules/.bin/pouchdb-server --host 0.0.0.0 --port 5984 --in-memory --no-stdout-logs --config /tmp/config.json
