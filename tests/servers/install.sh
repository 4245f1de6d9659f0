#!/bin/sh
# Installs what tests start instances of: RabbitMQ, PostgreSQL, nginx and Chromium, from Debian's packages.
# The machine's own services are left as they are: nothing is started, nor stopped. Where this is not possible, it says
# so and succeeds: the tests say themselves what they lack.

set -u

present() {
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && [ -x /usr/sbin/nginx ] && [ -x /usr/bin/chromium ] &&
        ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1
}

lack() {
    echo "The tests on RabbitMQ, on PostgreSQL, with nginx and in Chromium will be skipped: $1." >&2
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
    apt-get -qq update && apt-get -qq install --yes --no-install-recommends rabbitmq-server postgresql nginx chromium
}

present && exit 0
command -v apt-get >/dev/null || lack "they come from Debian's packages, and there is no apt-get here"
[ "$(id -u)" -eq 0 ] || lack "run 'make servers' as root once, or install the packages rabbitmq-server, postgresql, nginx and chromium"
echo "Installing RabbitMQ, PostgreSQL, nginx and Chromium for the tests (once; about two minutes) ..."
LOG=$(mktemp)
forbid_starts
install_packages >"$LOG" 2>&1 </dev/null || { tail -5 "$LOG" >&2; lack "the packages could not be installed (see $LOG)"; }
rm -f "$LOG"
present || lack "the packages have been installed, but the servers are not where they should be"
