#!/bin/sh
# Makes the secrets that compose.yaml names, in deploy/secrets: passwords of users at the broker and the databases, the
# keys that sign the websites' cookies, and the password of the first manager. Secrets that are there stay.

set -eu

cd "$(dirname "$0")"
SECRETS=${1:-$PWD/secrets}
SERVICES='event_store customers products orders accounting gateway'

# Letters and digits only, so that a password can stand in a URL and in any configuration file.
random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

# keep NAME: standard input as a file. Containers run as users of their own, so all may read it who get into the folder,
# which only the owner and the Docker Engine do.
keep() {
    cat >"$NEW/$1"
    chmod 0444 "$NEW/$1"
}

make_broker_users() {
    filled=$(cat rabbitmq/definitions.json)
    for user in $SERVICES operator; do
        password=$(random)
        filled=$(echo "$filled" | sed "s/@$user@/$password/")
        echo "amqp://$user:$password@rabbitmq:5672/shop" | keep "${user}_amqp_uri"
    done
    echo "$filled" | keep definitions.json
}

make_database_users() {
    password=$(random)
    echo "$password" | keep mongodb_password
    echo "mongodb://event_store:$password@mongodb:27017/event_store?authSource=admin" | keep log_url

    password=$(random)
    echo "requirepass $password" | keep redis.conf
    echo "redis://:$password@redis:6379/0" | keep customers_db_uri

    password=$(random)
    echo "$password" | keep postgresql_password
    echo "postgresql+psycopg2://orders:$password@postgresql:5432/orders" | keep orders_db_uri

    password=$(random)
    printf '[admins]\naccounting = %s\n' "$password" | keep couchdb_admins.ini
    echo "couchdb://accounting:$password@couchdb:5984/accounting" | keep accounting_db_uri
}

make_web_keys() {
    for site in storefront back-office; do
        random | keep "${site}_secret_key"
    done
    random | keep manager_password
}

if [ -e "$SECRETS" ]; then
    echo "There are secrets in $SECRETS already. A shop that has data needs them: nothing was changed."
    exit
fi
NEW=$(mktemp -d "$SECRETS.XXXXXX")
trap 'rm -rf "$NEW"' EXIT
make_broker_users
make_database_users
make_web_keys
mv "$NEW" "$SECRETS"
echo "The secrets are in $SECRETS. The first manager is called manager; the password is in manager_password."
