#!/bin/sh
# Installs what tests start instances of: RabbitMQ, PostgreSQL, Redis, nginx and Chromium, from Debian's packages.
# The machine's own services are left as they are: nothing is started, nor stopped. Where this is not possible, it says
# so and succeeds: the tests say themselves what they lack.

set -u

PACKAGES="chromium chromium-headless-shell nginx postgresql rabbitmq-server redis-server"

PROGRAMS="
    /usr/bin/chromium
    /usr/bin/chromium-headless-shell
    /usr/bin/redis-server
    /usr/lib/postgresql/*/bin/postgres
    /usr/lib/rabbitmq/bin/rabbitmq-server
    /usr/sbin/nginx
"

present() {
    # shellcheck disable=SC2086 # several, and one with a pattern
    ls $PROGRAMS >/dev/null 2>&1
}

lack() {
    echo "Tests that need one of $PACKAGES may be skipped: $1." >&2
    exit 0
}

# Packages start their service when they are installed, unless this file exists and says no.
forbid_starts() {
    POLICY=/usr/sbin/policy-rc.d
    [ -e "$POLICY" ] && return
    trap 'rm -f "$POLICY"' EXIT
    trap 'exit 1' INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$POLICY" && chmod +x "$POLICY"
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    # shellcheck disable=SC2086 # several
    apt-get -qq update && apt-get -qq install --yes --no-install-recommends $PACKAGES
}

present && exit 0
command -v apt-get >/dev/null || lack "they come from Debian's packages, and there is no apt-get here"
[ "$(id -u)" -eq 0 ] || lack "run 'make servers' as root once, or install them"
echo "Installing $PACKAGES for the tests (once; about two minutes) ..."
LOG=$(mktemp)
forbid_starts
install_packages >"$LOG" 2>&1 </dev/null || { tail -5 "$LOG" >&2; lack "the packages could not be installed (see $LOG)"; }
rm -f "$LOG"
present || lack "the packages have been installed, but the servers are not where they should be"
