#!/bin/sh
# Installs PouchDB Server, which speaks CouchDB's HTTP API, from npm into a folder: `install_couchdb.sh .venv/couchdb`.
# Where this is not possible, it says so and succeeds: the tests say themselves what they lack.

set -u
FOLDER=$1
PACKAGE=pouchdb-server@4.2.0

lack() {
    echo "The tests on CouchDB will be skipped: $1." >&2
    exit 0
}

[ -e "$FOLDER/$PACKAGE" ] && exit 0
command -v node >/dev/null && command -v npm >/dev/null || lack "PouchDB Server needs Node.js and npm, which are not here"
echo "Installing $PACKAGE into $FOLDER for the tests (once; up to a minute) ..."
mkdir -p "$FOLDER"
# Without scripts and optional parts, nothing is compiled. Without a lock file, nothing says where packages come from.
npm install --prefix "$FOLDER" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --omit=optional \
    --loglevel=error "$PACKAGE" >/dev/null || lack "npm could not install $PACKAGE"
touch "$FOLDER/$PACKAGE"
